#include "collector/reports/device_names.h"
#include "collector/reports/judgement.h"
#include "collector/reports/report_builders.h"
#include "collector/reports/selected_row.h"
#include "collector/rules/rule_text.h"

namespace daicho::collector {

namespace {

TableHead FindingsHead() {
  return {.title_ja = "指摘一覧",
          .title_en = "Findings",
          .columns = {{"first_seen", "日時", "Time"},
                      {"hostname", "機器", "Device"},
                      {"subject", "対象", "Subject"},
                      {"rule", "ルール", "Rule"},
                      {"severity", "重要度", "Severity"},
                      {"evidence", "根拠", "Evidence"},
                      {"resolution", "対応", "What to do"},
                      {"items", "項番", "Checklist rows"},
                      {"status", "状態", "Status"}}};
}

std::string SeverityText(Language language, const std::string& severity) {
  if (language == Language::kEnglish) return severity;
  if (severity == "high") return "高";
  if (severity == "medium") return "中";
  return severity == "low" ? "低" : "情報";
}

std::string StatusText(const ReportContext& context, const SelectedRow& row) {
  const std::string status = row.Text("status");
  if (status == "waived") {
    const std::string until = FormatLocalDate(row.Number("waived_until").value_or(0), context.zone);
    return std::string(In(context.language, "例外承認", "waived")) + " (" + until + ", " + row.Text("waived_by") +
           ": " + row.Text("waive_reason") + ")";
  }
  if (status == "resolved") {
    const std::string date = FormatLocalDate(row.Number("resolved_at").value_or(0), context.zone);
    return std::string(In(context.language, "解消", "resolved")) + " (" + date + ")";
  }
  return std::string(In(context.language, "未対応", "open"));
}

// "Part1 B9➁ heading; …": never a bare number.
std::string ItemsText(const ReportContext& context, const Rule* rule) {
  std::string text;
  if (rule == nullptr) return text;
  for (const std::string& item : rule->items) {
    text += (text.empty() ? "" : "; ") + In(context.language, context.rules.checklist().PrintedItem(item));
  }
  return text;
}

std::vector<Cell> FindingRow(const ReportContext& context, const DeviceNames& names, const SelectedRow& row) {
  const Rule* rule = context.rules.Find(row.Text("rule"));
  const FindingText text = TextOfFinding(rule, row.Text("rule"), ParseEvidence(row.Text("evidence")), context.zone);
  return {row.TimeCell("first_seen"),
          ToCell(names.Of(row)),
          row.TextCell("subject"),
          ToCell(In(context.language, text.title)),
          SeverityText(context.language, row.Text("severity")),
          ToCell(In(context.language, text.detail)),
          ToCell(In(context.language, text.resolution)),
          ToCell(ItemsText(context, rule)),
          StatusText(context, row)};
}

}  // namespace

Status BuildFindings(const ReportContext& context, TableSink& sink) {
  const auto names = DeviceNames::Read(context.store);
  if (!names) return std::unexpected(names.error());
  sink.Begin(FindingsHead());
  return SelectRows(context.store,
                    "SELECT first_seen, device_id, hostname, subject, rule, severity, evidence, status, "
                    "resolved_at, waived_by, waive_reason, "
                    "waived_until FROM finding "
                    "WHERE device_id NOT IN (SELECT device_id FROM device WHERE status = 'revoked') "
                    "ORDER BY CASE status WHEN 'open' THEN 0 WHEN 'waived' THEN 1 ELSE 2 END, "
                    "CASE severity WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 3 END, "
                    "hostname, rule, subject, first_seen",
                    [&](const SelectedRow& row) { return AddCells(sink, FindingRow(context, *names, row)); });
}

}  // namespace daicho::collector
