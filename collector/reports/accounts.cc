#include "collector/reports/device_names.h"
#include "collector/reports/judgement.h"
#include "collector/reports/report_builders.h"
#include "collector/reports/selected_row.h"

namespace daicho::collector {

namespace {

TableHead AccountsHead() {
  return {.title_ja = "アカウント一覧",
          .title_en = "Accounts",
          .columns = {{"system", "機器/システム", "Device/system"},
                      {"account_id", "ID", "ID"},
                      {"full_name", "氏名", "Full name"},
                      {"department", "所属", "Department"},
                      {"rights", "権限", "Rights"},
                      {"enabled", "有効/無効", "Enabled"},
                      {"last_use_at", "最終ログオン", "Last logon"},
                      {"judgement", "判定", "Judgement"},
                      {"reason", "理由", "Reason"},
                      {"due", "対応期限", "Due"}}};
}

Cell Rights(Language language, const SelectedRow& row) {
  const auto admin = row.Number("admin");
  if (!admin) return std::monostate();
  if (*admin == 0) return std::string(In(language, "一般", "ordinary"));
  std::string text(In(language, "管理者", "administrator"));
  const Cell by = row.ListCell("admin_by");
  if (const auto* list = std::get_if<std::string>(&by)) text += " (" + *list + ")";
  return text;
}

Cell Enabled(Language language, const SelectedRow& row) {
  const auto enabled = row.Number("enabled");
  if (!enabled) return std::monostate();
  return std::string(*enabled != 0 ? In(language, "有効", "enabled") : In(language, "無効", "disabled"));
}

}  // namespace

Status BuildAccounts(const ReportContext& context, TableSink& sink) {
  const auto judgements = Judgements::Read(context, RuleSubject::kAccount);
  if (!judgements) return std::unexpected(judgements.error());
  const auto names = DeviceNames::Read(context.store);
  if (!names) return std::unexpected(names.error());
  sink.Begin(AccountsHead());
  const Cell persons;
  return SelectRows(
      context.store,
      "SELECT a.device_id, a.hostname, a.name, a.full_name, a.admin, a.admin_by, a.enabled, a.last_use_at, s.status "
      "FROM account a JOIN device d ON d.device_id = a.device_id "
      "LEFT JOIN section s ON s.device_id = a.device_id AND s.section = 'accounts' "
      "WHERE d.status <> 'revoked' AND (COALESCE(a.human, 1) = 1 OR COALESCE(a.enabled, 1) = 1 OR a.admin = 1) "
      "ORDER BY a.hostname, a.device_id, a.name, a.uid",
      [&](const SelectedRow& row) {
        const bool judgeable = row.Number("enabled").has_value() && row.Text("status") != "FAILED";
        const Judgement judgement = judgements->Of(row.Text("device_id"), row.Text("name"), judgeable);
        return AddCells(sink, {ToCell(names->Of(row)), row.TextCell("name"), row.TextCell("full_name"), persons,
                               Rights(context.language, row), Enabled(context.language, row),
                               row.TimeCell("last_use_at"), judgement.verdict, ToCell(judgement.reason), persons});
      });
}

}  // namespace daicho::collector
