#include "collector/reports/software_verdicts.h"

#include <algorithm>
#include <map>

#include "collector/reports/judgement.h"
#include "collector/reports/selected_row.h"
#include "collector/rules/rule_text.h"

namespace daicho::collector {

namespace {

// Titles of the rules about software by rule id; a title has no evidence, so it is the same in every finding.
std::map<std::string, std::string> Titles(const ReportContext& context) {
  std::map<std::string, std::string> titles;
  for (const Rule& rule : context.rules.rules()) {
    if (rule.about != RuleSubject::kSoftware) continue;
    titles[rule.id] = In(context.language, FillText(rule.title, rule, {}, context.zone));
  }
  return titles;
}

// The findings about one package on one device, as they come.
struct Subject {
  std::string device_id;
  std::string name;
  int weight = 0;
  std::string titles;
};

}  // namespace

Result<SoftwareVerdicts> SoftwareVerdicts::Read(const ReportContext& context) {
  SoftwareVerdicts verdicts;
  verdicts.none_ = VerdictOf(context.language, 0);
  const auto titles = Titles(context);
  Subject subject;
  const auto finish = [&] {
    if (subject.weight == 0) return;
    verdicts.Add(subject.device_id, subject.name,
                 VerdictWithTitles({.verdict = std::string(VerdictOf(context.language, subject.weight)),
                                    .reason = "",
                                    .titles = subject.titles}));
  };
  const auto done = SelectRows(context.store,
                               "SELECT device_id, subject, rule, severity, status FROM finding "
                               "WHERE status <> 'resolved' ORDER BY device_id, subject, rule",
                               [&](const SelectedRow& row) {
                                 const auto title = titles.find(row.Text("rule"));
                                 if (title == titles.end()) return;
                                 std::string device_id = row.Text("device_id");
                                 std::string name = row.Text("subject");
                                 if (device_id != subject.device_id || name != subject.name) {
                                   finish();
                                   subject = {std::move(device_id), std::move(name), 0, ""};
                                 }
                                 const int weight = FindingWeight(row.Text("severity"), row.Text("status") == "waived");
                                 subject.weight = std::max(subject.weight, weight);
                                 AppendWithSlash(title->second, subject.titles);
                               });
  if (!done) return std::unexpected(done.error());
  finish();
  return verdicts;
}

void SoftwareVerdicts::Add(const std::string& device_id, const std::string& subject, const std::string& text) {
  Range& range = devices_.try_emplace(device_id, Range{found_.size(), 0}).first->second;
  found_.push_back({Keep(subject), Keep(text)});
  range.end = found_.size();
}

void SoftwareVerdicts::Enter(std::string_view device_id) {
  here_.clear();
  key_ = device_id;
  const auto device = devices_.find(key_);
  if (device == devices_.end()) return;
  for (std::size_t i = device->second.begin; i < device->second.end; ++i) {
    here_.emplace(*found_[i].subject, found_[i].text);
  }
}

std::string_view SoftwareVerdicts::Of(std::string_view name, std::string_view architecture) {
  if (here_.empty()) return none_;
  key_.assign(name).append(1, ':').append(architecture);
  auto found = here_.find(key_);
  if (found == here_.end()) found = here_.find(name);
  return found == here_.end() ? std::string_view(none_) : std::string_view(*found->second);
}

}  // namespace daicho::collector
