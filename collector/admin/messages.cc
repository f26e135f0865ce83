#include "collector/admin/messages.h"

#include <google/protobuf/util/json_util.h>

#include <charconv>
#include <utility>

#include "common/time_format.h"

namespace daicho::collector {

namespace {

// Sets a time only if the column has a value.
template <typename Setter>
void SetTime(const Row& row, const char* column, Setter mutable_time) {
  if (const auto at = row.Integer(column)) *mutable_time() = ToTimestamp(*at);
}

std::string BytesOfHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
    if (error != std::errc() || end != hex.data() + i + 2) return {};
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

}  // namespace

v1::Device DeviceFrom(const Row& row) {
  v1::Device device;
  device.set_device_id(row.Text("device_id"));
  device.set_hostname(row.Text("hostname"));
  device.set_status(row.Text("status"));
  device.set_os(row.Text("os_name"));
  device.set_os_version(row.Text("os_version"));
  device.set_kernel(row.Text("kernel"));
  device.set_manufacturer(row.Text("manufacturer"));
  device.set_model(row.Text("model"));
  device.set_serial(row.Text("serial"));
  for (std::string& address : row.List("addresses")) device.add_addresses(std::move(address));
  for (std::string& mac : row.List("macs")) device.add_macs(std::move(mac));
  SetTime(row, "enrolled_at", [&] { return device.mutable_enrolled_at(); });
  SetTime(row, "last_seen", [&] { return device.mutable_last_seen(); });
  SetTime(row, "revoked_at", [&] { return device.mutable_revoked_at(); });
  device.set_agent_version(row.Text("agent_version"));
  device.set_software_count(row.Count("software_count"));
  device.set_account_count(row.Count("account_count"));
  device.set_open_findings(row.Count("open_findings"));
  return device;
}

v1::CycleUsage CycleFrom(const Row& row) {
  v1::CycleUsage cycle;
  cycle.set_cpu_ms(row.Count("cycle_cpu_ms"));
  cycle.set_peak_rss_kib(row.Count("cycle_peak_rss_kib"));
  cycle.set_bytes_out(row.Count("cycle_bytes_out"));
  for (std::string& overrun : row.List("cycle_overruns")) cycle.add_overruns(std::move(overrun));
  return cycle;
}

v1::SoftwareEntry SoftwareFrom(const Installation& installation) {
  const v1::Software& item = installation.item;
  v1::SoftwareEntry entry;
  entry.set_device_id(std::string(installation.device_id));
  entry.set_hostname(std::string(installation.hostname));
  entry.set_name(item.name());
  entry.set_version(item.version());
  entry.set_architecture(item.architecture());
  entry.set_manager(item.manager());
  entry.set_state(item.state());
  entry.set_source(item.source());
  entry.set_publisher(item.publisher());
  if (installation.installed_at) *entry.mutable_installed_at() = ToTimestamp(*installation.installed_at);
  return entry;
}

v1::SectionState SectionFrom(const Row& row) {
  v1::SectionState state;
  state.set_name(row.Text("section"));
  v1::SectionStatus status = v1::SECTION_STATUS_UNSPECIFIED;
  if (v1::SectionStatus_Parse(row.Text("status"), &status)) state.set_status(status);
  state.set_reason(row.Text("reason"));
  state.set_row_count(row.Count("row_count"));
  state.set_issue_count(row.Count("issue_count"));
  state.set_digest(BytesOfHex(row.Text("digest")));
  // The view has the issues as an array of objects with protobuf's field names.
  google::protobuf::util::JsonParseOptions lenient;
  lenient.ignore_unknown_fields = true;
  v1::SectionState issues;
  const std::string json = row.Text("issues");
  if (!json.empty() &&
      google::protobuf::util::JsonStringToMessage("{\"issues\":" + json + "}", &issues, lenient).ok()) {
    state.mutable_issues()->Swap(issues.mutable_issues());
  }
  return state;
}

}  // namespace daicho::collector
