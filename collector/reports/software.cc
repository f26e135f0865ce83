#include <array>
#include <string>

#include "collector/reports/device_names.h"
#include "collector/reports/report_builders.h"
#include "collector/reports/software_verdicts.h"

namespace daicho::collector {

namespace {

// Until people give asset numbers, a line says whose software it is only by the device's name: it stands at the end,
// so that the columns in front of it are those of the form.
TableHead SoftwareHead() {
  return {.title_ja = "ソフトウェア一覧",
          .title_en = "Software",
          .columns = {{"asset_number", "管理番号", "Asset number"},
                      {"name", "名称", "Name"},
                      {"version", "版", "Version"},
                      {"publisher", "発行元", "Publisher"},
                      {"installed_at", "導入日", "Installed"},
                      {"judgement", "判定", "Judgement"},
                      {"hostname", "機器名", "Device"}}};
}

CellView TextOrNothing(std::string_view text) {
  if (text.empty()) return std::monostate();
  return text;
}

CellView TimeOrNothing(std::optional<UnixTime> time) {
  if (!time) return std::monostate();
  return Time{*time};
}

}  // namespace

// Tens of millions of rows: nothing is copied or looked up for a row that is the same for all rows of its device.
Status BuildSoftware(const ReportContext& context, TableSink& sink) {
  auto verdicts = SoftwareVerdicts::Read(context);
  if (!verdicts) return std::unexpected(verdicts.error());
  const auto names = DeviceNames::Read(context.store);
  if (!names) return std::unexpected(names.error());
  sink.Begin(SoftwareHead());
  std::string device_id;
  std::string device_name;
  return context.store.ScanSoftware({}, [&](const Installation& one) {
    const v1::Software& item = one.item;
    if (item.state() == "not-installed") return true;
    if (one.device_id != device_id) {
      device_id = one.device_id;
      device_name = names->Of(one.device_id, one.hostname);
      verdicts->Enter(one.device_id);
    }
    const std::array<CellView, 7> row = {std::monostate(),
                                         TextOrNothing(item.name()),
                                         TextOrNothing(item.version()),
                                         TextOrNothing(item.publisher()),
                                         TimeOrNothing(one.installed_at),
                                         verdicts->Of(item.name(), item.architecture()),
                                         TextOrNothing(device_name)};
    return sink.Add(row);
  });
}

}  // namespace daicho::collector
