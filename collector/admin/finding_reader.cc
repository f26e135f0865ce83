#include "collector/admin/finding_reader.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "collector/admin/row.h"
#include "collector/rules/checklist.h"
#include "collector/rules/rule_text.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr const char* kSelectFinding =
    "SELECT finding_id, rule, severity, status, device_id, hostname, subject, evidence, first_seen, last_seen, "
    "resolved_at, waived_by, waive_reason, waived_until FROM finding ";
constexpr const char* kGravestFirst =
    " ORDER BY CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, hostname, "
    "device_id, "
    "rule, subject";

template <typename Setter>
void SetTime(const Row& row, const char* column, Setter mutable_time) {
  if (const auto at = row.Integer(column)) *mutable_time() = ToTimestamp(*at);
}

void SetText(const LocalText& text, v1::LocalizedText& out) {
  out.set_ja(text.ja);
  out.set_en(text.en);
}

v1::Finding FindingFrom(const Row& row, const RuleSet& rules) {
  v1::Finding finding;
  finding.set_finding_id(row.Text("finding_id"));
  finding.set_rule(row.Text("rule"));
  finding.set_severity(row.Text("severity"));
  finding.set_status(row.Text("status"));
  finding.set_device_id(row.Text("device_id"));
  finding.set_hostname(row.Text("hostname"));
  finding.set_subject(row.Text("subject"));
  const Evidence evidence = ParseEvidence(row.Text("evidence"));
  for (const auto& [name, value] : evidence) (*finding.mutable_evidence())[name] = value;
  const Rule* const rule = rules.Find(finding.rule());
  const FindingText text = TextOfFinding(rule, finding.rule(), evidence);
  SetText(text.title, *finding.mutable_title());
  SetText(text.detail, *finding.mutable_detail());
  SetText(text.resolution, *finding.mutable_resolution());
  if (rule != nullptr) finding.mutable_items()->Add(rule->items.begin(), rule->items.end());
  SetTime(row, "first_seen", [&] { return finding.mutable_first_seen(); });
  SetTime(row, "last_seen", [&] { return finding.mutable_last_seen(); });
  SetTime(row, "resolved_at", [&] { return finding.mutable_resolved_at(); });
  finding.set_waived_by(row.Text("waived_by"));
  finding.set_waive_reason(row.Text("waive_reason"));
  SetTime(row, "waived_until", [&] { return finding.mutable_waived_until(); });
  return finding;
}

// " AND rule IN (:rule0, :rule1 …)"; no rule evidences the rows: nothing matches.
std::string RuleCondition(const std::vector<std::string>& rules, SelectRequest& select) {
  std::string names;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string name = "rule" + std::to_string(i);
    names += (names.empty() ? ":" : ", :") + name;
    select.parameters[name] = rules[i];
  }
  return " AND rule IN (" + (names.empty() ? std::string("NULL") : names) + ")";
}

Status AddStatus(const std::string& status, SelectRequest& select) {
  const std::string wanted = status.empty() ? "open" : status;
  if (wanted == "all") return {};
  if (wanted != "open" && wanted != "waived" && wanted != "resolved") {
    return Fail(Code::kInvalidArgument,
                "status \"" + CleanText(wanted.substr(0, 64)) + "\": take open, waived, resolved or all");
  }
  select.sql += " AND status = :status";
  select.parameters["status"] = wanted;
  return {};
}

// What stands against the rows of the checklist.
struct Standing {
  std::map<std::string, std::uint32_t> open_of_rule;  // above info
  std::set<std::string> unknown_rules;                // "…-unknown" with an open finding: something cannot be told
  std::set<std::string> unread_sections;              // not OK on a device that reports
  std::uint32_t reporting_devices = 0;
  bool missing_devices = false;  // silent, or enrolled and never heard of
};

Status ForEach(const Store& store, const std::string& sql, const std::function<void(const Row&)>& take) {
  SelectRequest select;
  select.sql = sql;
  select.limit_ms = kListLimitMs;
  return store.Select(select, [&](auto columns, auto values) {
    take(Row(columns, values));
    return true;
  });
}

Result<Standing> ReadStanding(const Store& store) {
  Standing standing;
  const auto findings = ForEach(
      store, "SELECT rule, severity, status, count(*) AS n FROM finding WHERE status <> 'resolved' GROUP BY 1, 2, 3",
      [&](const Row& row) {
        const std::string rule = row.Text("rule");
        // A waived silence is accepted, and still nothing is known of the device.
        standing.missing_devices |= rule == "device-silent";
        if (row.Text("status") != "open") return;
        if (row.Text("severity") != "info") standing.open_of_rule[rule] += row.Count("n");
        if (rule.ends_with("-unknown")) standing.unknown_rules.insert(rule);
      });
  if (!findings) return std::unexpected(findings.error());
  const auto devices = ForEach(store, "SELECT status, count(*) AS n FROM device GROUP BY status", [&](const Row& row) {
    if (row.Text("status") == "active") standing.reporting_devices = row.Count("n");
    standing.missing_devices |= row.Text("status") == "enrolled";
  });
  if (!devices) return std::unexpected(devices.error());
  const auto sections = ForEach(store,
                                "SELECT DISTINCT s.section FROM section s JOIN device d ON d.device_id = s.device_id "
                                "WHERE d.status = 'active' AND s.status <> 'OK'",
                                [&](const Row& row) { standing.unread_sections.insert(row.Text("section")); });
  if (!sections) return std::unexpected(sections.error());
  return standing;
}

std::string_view SectionOf(RuleSubject about) {
  switch (about) {
    case RuleSubject::kAccount:
      return "accounts";
    case RuleSubject::kSoftware:
      return "software";
    case RuleSubject::kListener:
      return "listeners";
    case RuleSubject::kDevice:
      break;
  }
  return "";
}

bool HasGaps(const ChecklistItem& item, const RuleSet& rules, const Standing& standing) {
  return standing.missing_devices || std::ranges::any_of(item.rules, [&](const std::string& id) {
           const Rule* const rule = rules.Find(id);
           return standing.unknown_rules.contains(id) ||
                  (rule != nullptr && standing.unread_sections.contains(std::string(SectionOf(rule->about))));
         });
}

}  // namespace

Status ReadFindings(const Store& store, const RuleSet& rules, const FindingFilter& filter,
                    const Sink<v1::Finding>& sink) {
  SelectRequest select;
  select.sql = std::string(kSelectFinding) + "WHERE true";
  if (auto good = AddStatus(filter.status, select); !good) return good;
  if (!filter.item.empty()) {
    const auto items = rules.checklist().ResolveItem(filter.item);
    if (!items) return std::unexpected(items.error());
    select.sql += RuleCondition(rules.RulesFor(*items), select);
  }
  if (!filter.device_id.empty()) {
    select.sql += " AND device_id = :device";
    select.parameters["device"] = filter.device_id;
  }
  select.sql += kGravestFirst;
  select.limit_ms = kListLimitMs;
  return store.Select(select,
                      [&](auto columns, auto values) { return sink(FindingFrom(Row(columns, values), rules)); });
}

Result<v1::Finding> ReadFinding(const Store& store, const RuleSet& rules, const std::string& finding_id) {
  SelectRequest select;
  select.sql = std::string(kSelectFinding) + "WHERE finding_id = :id";
  select.parameters = {{"id", finding_id}};
  Result<v1::Finding> found = Fail(Code::kNotFound, "no finding " + CleanText(finding_id.substr(0, 64)));
  const auto done = store.Select(select, [&](auto columns, auto values) {
    found = FindingFrom(Row(columns, values), rules);
    return false;
  });
  if (!done) return std::unexpected(done.error());
  return found;
}

Status ReadChecklist(const Store& store, const RuleSet& rules, const Sink<v1::ChecklistRow>& sink) {
  const auto standing = ReadStanding(store);
  if (!standing) return std::unexpected(standing.error());
  for (const ChecklistItem& item : rules.checklist().rows()) {
    v1::ChecklistRow row;
    row.set_id(item.id);
    row.set_part(static_cast<std::uint32_t>(item.part));
    row.set_number(item.number);
    SetText(item.heading, *row.mutable_heading());
    SetText(item.summary, *row.mutable_summary());
    row.set_evidence(std::string(EvidenceLevelName(item.evidence)));
    std::uint32_t count = 0;
    for (const std::string& rule : item.rules) {
      row.add_rules(rule);
      const auto found = standing->open_of_rule.find(rule);
      if (found != standing->open_of_rule.end()) count += found->second;
    }
    row.set_open_findings(count);
    SetText(ProposeAnswer(item, count, standing->reporting_devices, HasGaps(item, rules, *standing)),
            *row.mutable_answer());
    if (!sink(row)) return {};
  }
  return {};
}

}  // namespace daicho::collector
