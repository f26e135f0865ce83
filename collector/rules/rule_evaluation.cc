#include "collector/rules/rule_evaluation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "collector/rules/rule_text.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr const char* kDeviceColumn = "device_id";
constexpr const char* kItemColumn = "software_id";

std::optional<std::string> EvidenceText(const SqlValue& value, EvidenceKind kind) {
  if (const auto* text = std::get_if<std::string>(&value)) return kind == EvidenceKind::kList ? JoinList(*text) : *text;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    return kind == EvidenceKind::kTime ? FormatTime(*number) : std::to_string(*number);
  }
  if (const auto* number = std::get_if<double>(&value)) return std::to_string(*number);
  return std::nullopt;
}

std::unexpected<Error> InRule(const Rule& rule, Error error) {
  error.message = "rule '" + rule.id + "': " + error.message;
  return std::unexpected(std::move(error));
}

// A rule about software judges items of the dictionary; every other one judges devices.
const char* KeyColumn(const Rule& rule) { return rule.about == RuleSubject::kSoftware ? kItemColumn : kDeviceColumn; }

Status CheckColumns(const Rule& rule, const std::vector<std::string>& columns) {
  std::set<std::string> wanted = {KeyColumn(rule), "subject"};
  for (const auto& [name, kind] : rule.evidence) wanted.insert(name);
  const std::set<std::string> given(columns.begin(), columns.end());
  for (const std::string& name : wanted) {
    if (!given.contains(name)) {
      return InRule(rule, {Code::kInvalidArgument, "its SELECT gives no column '" + name + "'"});
    }
  }
  for (const std::string& name : given) {
    if (!wanted.contains(name)) {
      return InRule(rule,
                    {Code::kInvalidArgument, "its SELECT gives a column '" + name + "' that [evidence] does not name"});
    }
  }
  return {};
}

struct Judged {
  FindingCandidate candidate;
  ItemId item = 0;
};

Judged ToJudged(const Rule& rule, std::span<const std::string> columns, std::span<const SqlValue> values) {
  Judged judged;
  FindingCandidate& candidate = judged.candidate;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto kind = rule.evidence.find(columns[i]);
    const auto text = EvidenceText(values[i], kind == rule.evidence.end() ? EvidenceKind::kText : kind->second);
    if (!text) continue;
    if (columns[i] == kDeviceColumn) {
      candidate.device_id = *text;
    } else if (columns[i] == kItemColumn) {
      judged.item = ParseUint32(*text).value_or(0);
    } else if (columns[i] == "subject") {
      candidate.subject = *text;
      candidate.evidence["subject"] = *text;
    } else if (kind != rule.evidence.end()) {
      candidate.evidence[columns[i]] = *text;
    }
  }
  return judged;
}

// The rule's SELECT with a condition on the columns that it gives; empty: none.
std::string Narrowed(const Rule& rule, const std::string& condition) {
  if (condition.empty()) return rule.select;
  const std::size_t end = rule.select.find_last_not_of("; \t\r\n");
  // The line ends a comment at the end of the SELECT.
  return "SELECT * FROM (" + rule.select.substr(0, end + 1) + "\n) AS judged WHERE " + condition;
}

// Calls `take` with each row of the SELECT, narrowed by the condition and its parameter.
template <typename Take>
Status Judge(const Store& store, const Rule& rule, const RuleQuestion& question, const std::string& condition,
             std::pair<std::string, SqlValue> parameter, const Take& take) {
  SelectRequest request;
  request.sql = Narrowed(rule, condition);
  request.limit_ms = question.limit_ms;
  for (const std::string& name : rule.bound) {
    request.parameters[name] = name == "now" ? SqlValue(question.now) : rule.parameters.at(name);
  }
  if (!condition.empty()) request.parameters.insert(std::move(parameter));
  std::vector<std::string> columns;
  const auto done = store.Select(
      request,
      [&](std::span<const std::string> names, std::span<const SqlValue> values) {
        take(ToJudged(rule, names, values));
        return true;
      },
      &columns);
  if (!done) return InRule(rule, done.error());
  return CheckColumns(rule, columns);
}

Result<std::vector<FindingCandidate>> JudgeDevices(const Store& store, const Rule& rule, const RuleQuestion& question) {
  std::vector<FindingCandidate> candidates;
  std::set<std::pair<std::string, std::string>> named;
  const auto done = Judge(store, rule, question, question.device_id.empty() ? "" : "device_id = :judged_device",
                          {"judged_device", question.device_id}, [&](Judged judged) {
                            FindingCandidate& candidate = judged.candidate;
                            if (!named.emplace(candidate.device_id, candidate.subject).second) return;
                            candidates.push_back(std::move(candidate));
                          });
  if (!done) return std::unexpected(done.error());
  return candidates;
}

// Judges items that were not judged yet. A rule that looks at the clock judges all anew each time.
Status JudgeItems(const Store& store, const Rule& rule, const RuleQuestion& question, ItemVerdicts& verdicts) {
  if (std::ranges::find(rule.bound, "now") != rule.bound.end()) verdicts = {};
  const ItemId from = verdicts.judged_to;
  ItemId highest = verdicts.judged_to;
  {
    SelectRequest request;
    request.sql = "SELECT coalesce(max(software_id), 0) FROM software";
    const auto done = store.Select(request, [&](auto, auto values) {
      highest = static_cast<ItemId>(std::get<std::int64_t>(values[0]));
      return false;
    });
    if (!done) return InRule(rule, done.error());
  }
  const auto done = Judge(store, rule, question, from == 0 ? "" : "software_id > :judged_to",
                          {"judged_to", std::int64_t{from}}, [&](Judged judged) {
                            const auto [place, fresh] = verdicts.items.try_emplace(judged.item);
                            if (fresh) place->second = {verdicts.next_place++, std::move(judged.candidate)};
                          });
  if (done) verdicts.judged_to = std::max(verdicts.judged_to, highest);
  return done;
}

// Carries the verdicts on items to the devices that have them. Of several items with one subject on a device the first
// one counts, in the order of the SELECT.
Result<std::vector<FindingCandidate>> CarryToDevices(const Store& store, const Rule& rule, const RuleQuestion& question,
                                                     const ItemVerdicts& verdicts) {
  SoftwareScan scan;
  scan.device_id = question.device_id;
  scan.limit_ms = question.limit_ms;
  scan.items.emplace();
  for (const auto& [item, verdict] : verdicts.items) scan.items->push_back(item);
  std::ranges::sort(*scan.items, {}, [&](ItemId item) { return verdicts.items.at(item).first; });
  std::vector<FindingCandidate> candidates;
  std::set<std::string> named;  // subjects of the device in hand
  const auto done = store.ScanSoftware(scan, [&](const Installation& one) {
    if (candidates.empty() || candidates.back().device_id != one.device_id) named.clear();
    const FindingCandidate& candidate = verdicts.items.at(one.item_id).second;
    if (!named.insert(candidate.subject).second) return true;
    candidates.push_back(candidate);
    candidates.back().device_id = one.device_id;
    return true;
  });
  if (!done) return InRule(rule, done.error());
  return candidates;
}

}  // namespace

Result<std::vector<FindingCandidate>> EvaluateRule(const Store& store, const Rule& rule, const RuleQuestion& question) {
  if (rule.about != RuleSubject::kSoftware) return JudgeDevices(store, rule, question);
  ItemVerdicts own;
  ItemVerdicts& verdicts = question.verdicts != nullptr ? *question.verdicts : own;
  if (auto judged = JudgeItems(store, rule, question, verdicts); !judged) return std::unexpected(judged.error());
  return CarryToDevices(store, rule, question, verdicts);
}

}  // namespace daicho::collector
