#include "collector/rules/rule_set.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "common/files.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxRuleBytes = 1u << 20;

Result<std::vector<std::string>> RuleFiles(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".toml") files.push_back(entry->path().string());
  }
  if (error) {
    const bool refused = error == std::errc::permission_denied;
    return Fail(refused ? Code::kPermissionDenied : Code::kNotFound,
                folder + ": cannot list the rules: " + error.message());
  }
  if (files.empty()) return Fail(Code::kNotFound, folder + ": no rules (*.toml) there");
  std::sort(files.begin(), files.end());
  return files;
}

Result<Rule> LoadRule(const std::string& file, const Checklist& checklist) {
  const auto text = ReadFile(file, kMaxRuleBytes);
  if (!text) return std::unexpected(text.error());
  return ParseRule(*text, file, checklist);
}

std::string Names(const auto& map) {
  std::string names;
  for (const auto& [name, value] : map) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

Status Override(Rule& rule, const std::map<std::string, RuleParameter>& values) {
  for (const auto& [name, parameter] : values) {
    const auto known = rule.parameters.find(name);
    if (known == rule.parameters.end()) {
      return Fail(Code::kInvalidArgument, parameter.place + ": rule '" + rule.id + "' has no parameter '" + name +
                                              "'; valid: " + Names(rule.parameters));
    }
    if (known->second.index() != parameter.value.index()) {
      const bool number = std::holds_alternative<std::int64_t>(known->second);
      return Fail(Code::kInvalidArgument, parameter.place + ": parameter '" + name + "' of rule '" + rule.id +
                                              "' must be " + (number ? "a whole number" : "a text"));
    }
    if (const auto* number = std::get_if<std::int64_t>(&parameter.value); number != nullptr && *number < 0) {
      return Fail(Code::kInvalidArgument,
                  parameter.place + ": parameter '" + name + "' of rule '" + rule.id + "' must not be negative");
    }
    known->second = parameter.value;
  }
  return {};
}

Status OverrideAll(std::vector<Rule>& rules, const RuleParameters& overrides) {
  for (const auto& [id, values] : overrides) {
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule& known) { return known.id == id; });
    if (rule == rules.end()) {
      std::string ids;
      for (const Rule& known : rules) ids += (ids.empty() ? "" : ", ") + known.id;
      const std::string place = values.empty() ? "" : values.begin()->second.place + ": ";
      return Fail(Code::kInvalidArgument, place + "no rule '" + id + "'; rules: " + ids);
    }
    if (auto done = Override(*rule, values); !done) return done;
  }
  return {};
}

}  // namespace

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kHigh:
      return "high";
    case Severity::kMedium:
      return "medium";
    case Severity::kLow:
      return "low";
    case Severity::kInfo:
      break;
  }
  return "info";
}

RuleSet::RuleSet(std::vector<Rule> rules, Checklist checklist)
    : rules_(std::move(rules)), checklist_(std::move(checklist)) {
  std::sort(rules_.begin(), rules_.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; });
}

const Rule* RuleSet::Find(std::string_view id) const {
  const auto found = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) { return rule.id == id; });
  return found == rules_.end() ? nullptr : &*found;
}

std::vector<std::string> RuleSet::RulesFor(const std::vector<std::string>& items) const {
  std::vector<std::string> ids;
  for (const Rule& rule : rules_) {
    const bool evidences = std::any_of(rule.items.begin(), rule.items.end(), [&](const std::string& item) {
      return std::find(items.begin(), items.end(), item) != items.end();
    });
    if (evidences) ids.push_back(rule.id);
  }
  return ids;
}

Result<RuleSet> LoadRules(const std::string& folder, const RuleParameters& overrides, Checklist checklist) {
  const auto files = RuleFiles(folder);
  if (!files) return std::unexpected(files.error());
  std::vector<Rule> rules;
  std::map<std::string, std::string> file_of;  // by rule id
  for (const std::string& file : *files) {
    auto rule = LoadRule(file, checklist);
    if (!rule) return std::unexpected(rule.error());
    const auto [known, is_new] = file_of.emplace(rule->id, file);
    if (!is_new) {
      return Fail(Code::kInvalidArgument,
                  file + ":1:1: rule id '" + rule->id + "' is used in " + known->second + " too");
    }
    if (rule->id != std::filesystem::path(file).stem()) {
      return Fail(Code::kInvalidArgument, file + ":1:1: a rule's file is named after its id; rename it to " + rule->id +
                                              ".toml or change 'id'");
    }
    rules.push_back(*std::move(rule));
  }
  if (auto done = OverrideAll(rules, overrides); !done) return std::unexpected(done.error());
  return RuleSet(std::move(rules), std::move(checklist));
}

}  // namespace daicho::collector
