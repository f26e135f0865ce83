#include "collector/ctl/checklist_names.h"

#include <algorithm>
#include <set>
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

void ChecklistNames::Add(const v1::ChecklistRow& row) { rows_.emplace(row.id(), Row{rows_.size(), row}); }

std::string ChecklistNames::Label(const std::string& id, Language language) const {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return id;
  const v1::ChecklistRow& row = found->second.row;
  return Say(language, Text::kPartItem, {std::to_string(row.part()), row.number(), Pick(row.heading(), language)});
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

Table EmptyTable(const std::string& title, bool one_device, bool mixed) {
  Table table{.title_ja = title, .title_en = title, .columns = {}, .rows = {}};
  table.columns = {MakeColumn("severity", Text::kHeadSeverity), MakeColumn("finding_id", Text::kHeadFindingId)};
  if (mixed) table.columns.push_back(MakeColumn("status", Text::kHeadStatus));
  if (!one_device) table.columns.push_back(MakeColumn("hostname", Text::kHeadHost));
  table.columns.push_back(MakeColumn("subject", Text::kHeadSubject));
  table.columns.push_back(MakeColumn("detail", Text::kHeadDetail));
  return table;
}

std::vector<Cell> FindingCells(const v1::Finding& finding, Language language, bool one_device, bool mixed) {
  std::vector<Cell> cells = {Word(language, finding.severity()), finding.finding_id()};
  if (mixed) cells.emplace_back(Word(language, finding.status()));
  if (!one_device) cells.emplace_back(finding.hostname());
  cells.emplace_back(finding.subject());
  const std::string& detail = Pick(finding.detail(), language);
  cells.emplace_back(detail.empty() ? Pick(finding.title(), language) : detail);
  return cells;
}

}  // namespace

std::vector<FindingGroup> GroupFindings(std::vector<v1::Finding> findings, const ChecklistNames& names,
                                        Language language, bool one_device) {
  std::ranges::sort(findings, {}, [](const v1::Finding& finding) {
    return std::tuple(-SeverityRank(finding.severity()), finding.hostname(), finding.subject(), finding.finding_id());
  });
  const bool mixed =
      std::ranges::any_of(findings, [](const v1::Finding& finding) { return finding.status() != "open"; });
  std::map<std::pair<std::size_t, std::string>, FindingGroup> groups;
  std::set<std::pair<std::string, std::string>> said;  // group title, resolution
  for (const v1::Finding& finding : findings) {
    const std::string title = names.Labels(finding, language);
    FindingGroup& group = groups[{names.Place(finding), title}];
    if (group.table.columns.empty()) group.table = EmptyTable(title, one_device, mixed);
    group.table.rows.push_back(FindingCells(finding, language, one_device, mixed));
    const std::string& resolution = Pick(finding.resolution(), language);
    if (!resolution.empty() && said.emplace(title, resolution).second) group.resolutions.push_back(resolution);
  }
  std::vector<FindingGroup> ordered;
  for (auto& [key, group] : groups) ordered.push_back(std::move(group));
  return ordered;
}

}  // namespace daicho::collector
