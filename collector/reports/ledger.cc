#include <map>
#include <set>

#include "collector/reports/device_names.h"
#include "collector/reports/judgement.h"
#include "collector/reports/report_builders.h"
#include "collector/reports/selected_row.h"
#include "collector/rules/rule_text.h"

namespace daicho::collector {

namespace {

// Chassis as the agent names it → 機器区分.
std::string DeviceClass(Language language, const std::string& chassis) {
  static const std::map<std::string, std::string_view> kJapanese = {
      {"desktop", "デスクトップPC"}, {"laptop", "ノートPC"},     {"notebook", "ノートPC"},
      {"tablet", "タブレット"},      {"server", "サーバ"},       {"virtual machine", "仮想マシン"},
      {"mini pc", "小型PC"},         {"all in one", "一体型PC"}, {"container", "コンテナ"},
  };
  if (language == Language::kEnglish) return chassis;
  const auto known = kJapanese.find(chassis);
  return known == kJapanese.end() ? chassis : std::string(known->second);
}

// Means of remote maintenance that were found, declared (waived) ones included, by device: "AnyDesk (anydesk)".
using RemoteTools = std::map<std::string, std::set<std::string>>;

// Evidence is dear to read: only that of the rules that name a tool in it is.
Result<RemoteTools> ReadRemoteTools(const ReportContext& context) {
  RemoteTools tools;
  const auto done =
      SelectRows(context.store, "SELECT device_id, subject, rule, evidence FROM finding WHERE status <> 'resolved'",
                 [&](const SelectedRow& row) {
                   const Rule* rule = context.rules.Find(row.Text("rule"));
                   if (rule == nullptr || !rule->evidence.contains("tool")) return;
                   if (rule->about != RuleSubject::kListener && rule->about != RuleSubject::kSoftware) return;
                   const std::string tool = ParseEvidence(row.Text("evidence"))["tool"];
                   if (!tool.empty()) tools[row.Text("device_id")].insert(tool + " (" + row.Text("subject") + ")");
                 });
  if (!done) return std::unexpected(done.error());
  return tools;
}

// 検出なし only if the device's listeners are known.
Cell RemoteMaintenance(const ReportContext& context, const RemoteTools& tools, const std::string& device_id,
                       bool listeners_known) {
  std::string text;
  if (const auto found = tools.find(device_id); found != tools.end()) {
    for (const std::string& tool : found->second) text.append(text.empty() ? "" : ", ").append(tool);
  }
  if (text.empty() && listeners_known) text = In(context.language, "検出なし", "none found");
  return ToCell(std::move(text));
}

TableHead LedgerHead() {
  return {.title_ja = "機器台帳",
          .title_en = "Equipment ledger",
          .columns = {{"asset_number", "管理番号", "Asset number"},
                      {"device_class", "機器区分", "Class"},
                      {"hostname", "機器名", "Device"},
                      {"system_name", "システム名", "System"},
                      {"manufacturer", "メーカー", "Manufacturer"},
                      {"model", "型番", "Model"},
                      {"serial", "製造番号", "Serial number"},
                      {"location", "設置場所", "Location"},
                      {"owner", "利用者/管理者", "User/owner"},
                      {"addresses", "IPアドレス", "IP addresses"},
                      {"macs", "MACアドレス", "MAC addresses"},
                      {"os", "OS・版", "OS and version"},
                      {"support_until", "サポート期限", "Supported until"},
                      {"usable", "使用可否", "Usable"},
                      {"vendor", "保守事業者", "Maintenance vendor"},
                      {"remote_maintenance", "リモート保守", "Remote maintenance"},
                      {"mds_sds", "MDS/SDS", "MDS/SDS"},
                      {"last_seen", "最終確認日時", "Last seen"},
                      {"source", "情報源(自動/手入力)", "Source (automatic/by hand)"}}};
}

std::string OsText(const SelectedRow& row) {
  const std::string name = row.Text("os_name");
  const std::string version = row.Text("os_version");
  // PRETTY_NAME mostly says the version; a point release ("12.7") it does not.
  if (version.empty() || name.find(version) != std::string::npos) return name;
  return name.empty() ? version : name + " (" + version + ")";
}

}  // namespace

Status BuildLedger(const ReportContext& context, TableSink& sink) {
  const auto tools = ReadRemoteTools(context);
  if (!tools) return std::unexpected(tools.error());
  const auto names = DeviceNames::Read(context.store);
  if (!names) return std::unexpected(names.error());
  sink.Begin(LedgerHead());
  const Cell persons;
  return SelectRows(
      context.store,
      "SELECT d.device_id, d.hostname, d.chassis, d.manufacturer, d.model, d.serial, d.addresses, d.macs, d.os_name, "
      "d.os_version, d.last_seen, s.ok_at AS listeners_at FROM device d "
      "LEFT JOIN section s ON s.device_id = d.device_id AND s.section = 'listeners' "
      "WHERE d.status <> 'revoked' ORDER BY d.hostname, d.device_id",
      [&](const SelectedRow& row) {
        const bool listeners_known = row.Number("listeners_at").has_value();
        return AddCells(
            sink, {persons, ToCell(DeviceClass(context.language, row.Text("chassis"))), ToCell(names->Of(row)), persons,
                   row.TextCell("manufacturer"), row.TextCell("model"), row.TextCell("serial"), persons, persons,
                   row.ListCell("addresses"), row.ListCell("macs"), ToCell(OsText(row)), persons, persons, persons,
                   RemoteMaintenance(context, *tools, row.Text("device_id"), listeners_known), persons,
                   row.TimeCell("last_seen"), std::string(In(context.language, "自動", "automatic"))});
      });
}

}  // namespace daicho::collector
