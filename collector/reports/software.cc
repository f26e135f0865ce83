#include "collector/reports/device_names.h"
#include "collector/reports/judgement.h"
#include "collector/reports/report_builders.h"
#include "collector/reports/selected_row.h"

namespace daicho::collector {

namespace {

// Until people give asset numbers, a line says whose software it is only by the device's name: it stands at the end,
// so that the columns in front of it are those of the form.
Table EmptySoftware() {
  return {.title_ja = "ソフトウェア一覧",
          .title_en = "Software",
          .columns = {{"asset_number", "管理番号", "Asset number"},
                      {"name", "名称", "Name"},
                      {"version", "版", "Version"},
                      {"publisher", "発行元", "Publisher"},
                      {"installed_at", "導入日", "Installed"},
                      {"judgement", "判定", "Judgement"},
                      {"hostname", "機器名", "Device"}},
          .rows = {}};
}

// Rules name a package, or one architecture of it.
Judgement Judge(const Judgements& judgements, const std::string& device_id, const std::string& name,
                const std::string& architecture) {
  const Judgement of_architecture = judgements.Of(device_id, name + ":" + architecture);
  return of_architecture.titles.empty() ? judgements.Of(device_id, name) : of_architecture;
}

}  // namespace

Result<Table> BuildSoftware(const ReportContext& context) {
  const auto judgements = Judgements::Read(context, RuleSubject::kSoftware);
  if (!judgements) return std::unexpected(judgements.error());
  const auto names = DeviceNames::Read(context.store);
  if (!names) return std::unexpected(names.error());
  Table table = EmptySoftware();
  const auto done =
      SelectRows(context.store,
                 "SELECT i.device_id, i.hostname, i.name, i.architecture, i.version, i.publisher, i.installed_at "
                 "FROM installation i JOIN device d ON d.device_id = i.device_id "
                 "WHERE d.status <> 'revoked' AND COALESCE(i.state, '') <> 'not-installed' "
                 "ORDER BY i.hostname, i.device_id, i.name, i.architecture",
                 [&](const SelectedRow& row) {
                   const Judgement judgement =
                       Judge(*judgements, row.Text("device_id"), row.Text("name"), row.Text("architecture"));
                   table.rows.push_back({std::monostate(), row.TextCell("name"), row.TextCell("version"),
                                         row.TextCell("publisher"), row.TimeCell("installed_at"),
                                         VerdictWithTitles(judgement), ToCell(names->Of(row))});
                 });
  if (!done) return std::unexpected(done.error());
  return table;
}

}  // namespace daicho::collector
