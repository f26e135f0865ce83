#include "collector/ctl/checklist_names.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "collector/ctl/context.h"
#include "collector/ctl/texts.h"

namespace daicho::collector {

const std::string& Pick(const v1::LocalizedText& text, Language language) {
  const std::string& wanted = language == Language::kJapanese ? text.ja() : text.en();
  const std::string& other = language == Language::kJapanese ? text.en() : text.ja();
  return wanted.empty() ? other : wanted;
}

Result<ChecklistNames> ChecklistNames::Load(Session& session) {
  ChecklistNames names;
  const Status status = session.ListChecklist([&](const v1::ChecklistRow& row) { names.Add(row); });
  // Rows that came before an error (a rule that failed) still have their names.
  if (!status && names.rows_.empty()) return std::unexpected(status.error());
  return names;
}

void ChecklistNames::Add(const v1::ChecklistRow& row) {
  if (!rows_.emplace(row.id(), Row{rows_.size(), row}).second) return;
  numbers_[{row.part(), row.number()}].push_back(row.id());
}

std::string ChecklistNames::Number(const v1::ChecklistRow& row) const {
  const auto found = numbers_.find({row.part(), row.number()});
  if (found == numbers_.end() || found->second.size() < 2) return row.number();
  const auto place = std::ranges::find(found->second, row.id()) - found->second.begin();
  return row.number() + "(" + std::to_string(place + 1) + ")";
}

std::string ChecklistNames::Label(const std::string& id, Language language) const {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return id;
  const v1::ChecklistRow& row = found->second.row;
  return Say(language, Text::kPartItem, {std::to_string(row.part()), Number(row), Pick(row.heading(), language)});
}

std::string ChecklistNames::Labels(const v1::Finding& finding, Language language) const {
  std::string labels;
  for (const std::string& id : finding.items()) {
    if (!labels.empty()) labels += " / ";
    labels += Label(id, language);
  }
  return labels.empty() ? std::string(Say(language, Text::kNoItem)) : labels;
}

std::size_t ChecklistNames::Place(const v1::Finding& finding) const {
  if (finding.items().empty()) return rows_.size() + 1;
  const auto found = rows_.find(finding.items(0));
  return found == rows_.end() ? rows_.size() : found->second.place;
}

int SeverityRank(std::string_view severity) {
  constexpr std::string_view kSeverities[] = {"info", "low", "medium", "high"};
  const auto* found = std::ranges::find(kSeverities, severity);
  return static_cast<int>(std::min<std::ptrdiff_t>(found - std::begin(kSeverities), 3));
}

namespace {

struct Layout {
  Language language;
  bool one_device;  // no host column
  bool mixed;       // findings of more than one status
};

Table EmptyTable(const Layout& layout) {
  Table table;
  table.columns = {MakeColumn("finding_id", Text::kHeadFindingId)};
  if (layout.mixed) table.columns.push_back(MakeColumn("status", Text::kHeadStatus));
  if (!layout.one_device) table.columns.push_back(MakeColumn("hostname", Text::kHeadHost));
  table.columns.push_back(MakeColumn("subject", Text::kHeadSubject));
  table.columns.push_back(MakeColumn("detail", Text::kHeadDetail));
  return table;
}

std::vector<Cell> FindingCells(const v1::Finding& finding, const Layout& layout) {
  std::vector<Cell> cells = {finding.finding_id()};
  if (layout.mixed) cells.emplace_back(Word(layout.language, finding.status()));
  if (!layout.one_device) cells.emplace_back(finding.hostname());
  cells.emplace_back(finding.subject());
  cells.emplace_back(Pick(finding.detail(), layout.language));
  return cells;
}

// "[high] Account never used"; the rule's id if the collector says no title.
std::string RuleTitle(const v1::Finding& finding, Language language) {
  const std::string& title = Pick(finding.title(), language);
  return Say(language, Text::kRuleTitle, {Word(language, finding.severity()), title.empty() ? finding.rule() : title});
}

// `findings`: those of one rule, in order.
RuleFindings OneRule(const std::vector<v1::Finding>& findings, const Layout& layout) {
  RuleFindings rule;
  rule.title = RuleTitle(findings.front(), layout.language);
  rule.table = EmptyTable(layout);
  for (const v1::Finding& finding : findings) {
    rule.table.rows.push_back(FindingCells(finding, layout));
    rule.resolutions.push_back(Pick(finding.resolution(), layout.language));
  }
  const bool same = std::ranges::all_of(
      rule.resolutions, [&](const std::string& resolution) { return resolution == rule.resolutions.front(); });
  if (same) {
    rule.resolution = rule.resolutions.front();
    rule.resolutions.clear();
  }
  return rule;
}

}  // namespace

std::vector<FindingGroup> GroupFindings(std::vector<v1::Finding> findings, const ChecklistNames& names,
                                        Language language, bool one_device) {
  // By resolution before host: what is to be done about the same account on many devices is said once.
  std::ranges::sort(findings, {}, [&](const v1::Finding& finding) {
    return std::tuple(finding.subject(), Pick(finding.resolution(), language), finding.hostname(),
                      finding.finding_id());
  });
  const Layout layout{
      .language = language,
      .one_device = one_device,
      .mixed = std::ranges::any_of(findings, [](const v1::Finding& finding) { return finding.status() != "open"; })};
  using RuleKey = std::tuple<int, std::string, std::string>;  // worst first, title, rule
  std::map<std::pair<std::size_t, std::string>, std::map<RuleKey, std::vector<v1::Finding>>> groups;
  for (v1::Finding& finding : findings) {
    const RuleKey rule(-SeverityRank(finding.severity()), RuleTitle(finding, language), finding.rule());
    auto& group = groups[{names.Place(finding), names.Labels(finding, language)}];
    group[rule].push_back(std::move(finding));
  }
  std::vector<FindingGroup> ordered;
  for (const auto& [place, rules] : groups) {
    FindingGroup& group = ordered.emplace_back(FindingGroup{.title = place.second, .rules = {}});
    for (const auto& [key, rule] : rules) group.rules.push_back(OneRule(rule, layout));
  }
  return ordered;
}

}  // namespace daicho::collector
