#include "collector/reports/device_names.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kIdDigits = 8;

}  // namespace

Result<DeviceNames> DeviceNames::Read(const Store& store) {
  DeviceNames names;
  const auto done = SelectRows(store, "SELECT hostname FROM device WHERE status <> 'revoked'",
                               [&](const SelectedRow& row) { ++names.devices_[row.Text("hostname")]; });
  if (!done) return std::unexpected(done.error());
  return names;
}

std::string DeviceNames::Of(std::string_view device_id, std::string_view hostname) const {
  std::string name(hostname);
  const auto count = devices_.find(hostname);
  if (count == devices_.end() || count->second < 2) return name;
  return name.append(" (").append(device_id.substr(0, kIdDigits)).append(")");
}

}  // namespace daicho::collector
