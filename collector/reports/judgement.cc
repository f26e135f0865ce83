#include "collector/reports/judgement.h"

#include <algorithm>

#include "collector/reports/selected_row.h"
#include "collector/rules/rule_text.h"

namespace daicho::collector {

namespace {

// How much a finding weighs in the verdict.
constexpr int kNothing = 0;
constexpr int kWaived = 1;
constexpr int kLook = 2;
constexpr int kAct = 3;

}  // namespace

int FindingWeight(std::string_view severity, bool waived) {
  if (waived) return kWaived;
  return severity == "medium" || severity == "high" ? kAct : kLook;
}

std::string_view VerdictOf(Language language, int weight) {
  switch (weight) {
    case kAct:
      return In(language, "要対応", "to be dealt with");
    case kLook:
      return In(language, "要確認", "to be checked");
    case kWaived:
      return In(language, "例外承認済", "waived");
    default:
      return In(language, "指摘なし", "no finding");
  }
}

void AppendWithSlash(std::string_view more, std::string& text) {
  if (more.empty()) return;
  if (!text.empty()) text += " / ";
  text += more;
}

const std::string& In(Language language, const LocalText& text) {
  return language == Language::kJapanese ? text.ja : text.en;
}

std::string_view In(Language language, std::string_view ja, std::string_view en) {
  return language == Language::kJapanese ? ja : en;
}

Result<Judgements> Judgements::Read(const ReportContext& context, RuleSubject about) {
  Judgements judgements(context);
  const auto done = SelectRows(context.store,
                               "SELECT device_id, subject, rule, severity, status, evidence, waive_reason FROM finding "
                               "WHERE status <> 'resolved' ORDER BY device_id, subject, rule",
                               [&](const SelectedRow& row) {
                                 const Rule* rule = context.rules.Find(row.Text("rule"));
                                 if (rule == nullptr || rule->about != about) return;
                                 Entry entry{.device_id = row.Text("device_id"),
                                             .subject = row.Text("subject"),
                                             .rule = row.Text("rule"),
                                             .severity = row.Text("severity"),
                                             .waived = row.Text("status") == "waived",
                                             .waive_reason = row.Text("waive_reason"),
                                             .evidence = ParseEvidence(row.Text("evidence"))};
                                 judgements.by_subject_[{entry.device_id, entry.subject}].push_back(std::move(entry));
                               });
  if (!done) return std::unexpected(done.error());
  return judgements;
}

void Judgements::Add(const Entry& entry, Judgement& judgement, int& weight) const {
  const FindingText text = TextOfFinding(context_.rules.Find(entry.rule), entry.rule, entry.evidence, context_.zone);
  weight = std::max(weight, FindingWeight(entry.severity, entry.waived));
  AppendWithSlash(In(context_.language, text.title), judgement.titles);
  if (entry.waived) {
    AppendWithSlash(std::string(In(context_.language, "例外: ", "waived: ")) + entry.waive_reason, judgement.reason);
  } else {
    AppendWithSlash(In(context_.language, text.detail), judgement.reason);
  }
}

Judgement Judgements::Of(std::string_view device_id, std::string_view subject, bool judgeable) const {
  Judgement judgement;
  int weight = kNothing;
  const auto found = by_subject_.find({std::string(device_id), std::string(subject)});
  if (found != by_subject_.end()) {
    for (const Entry& entry : found->second) Add(entry, judgement, weight);
  }
  judgement.verdict = VerdictOf(context_.language, weight);
  if (weight == kNothing && !judgeable) judgement.verdict = In(context_.language, "判定不可", "cannot be judged");
  return judgement;
}

std::string VerdictWithTitles(const Judgement& judgement) {
  return judgement.titles.empty() ? judgement.verdict : judgement.verdict + ": " + judgement.titles;
}

}  // namespace daicho::collector
