#include "collector/admin/device_reader.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "collector/admin/device_past.h"
#include "collector/admin/messages.h"
#include "collector/admin/row.h"
#include "common/sections.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

// Rows of a section as their messages.
template <typename Message>
Result<std::vector<Message>> ReadSection(const Store& store, const std::string& device_id, const char* section,
                                         std::optional<UnixTime> at) {
  const auto rows = store.SectionRows(device_id, section, at);
  if (!rows) return std::unexpected(rows.error());
  std::vector<Message> messages;
  messages.reserve(rows->size());
  for (const std::string& row : *rows) {
    Message message;
    if (message.ParseFromString(row)) messages.push_back(std::move(message));
  }
  return messages;
}

template <typename Message>
Status AddSection(const Store& store, const std::string& device_id, const char* section, std::optional<UnixTime> at,
                  google::protobuf::RepeatedPtrField<Message>* out) {
  auto messages = ReadSection<Message>(store, device_id, section, at);
  if (!messages) return std::unexpected(messages.error());
  for (Message& message : *messages) *out->Add() = std::move(message);
  return {};
}

Result<std::vector<v1::Account>> AccountsOf(const Store& store, const std::string& device_id,
                                            std::optional<UnixTime> at) {
  auto accounts = ReadSection<v1::Account>(store, device_id, "accounts", at);
  if (!accounts) return accounts;
  std::ranges::sort(*accounts, [](const v1::Account& a, const v1::Account& b) {
    return std::tuple(a.uid(), std::string_view(a.name())) < std::tuple(b.uid(), std::string_view(b.name()));
  });
  return accounts;
}

bool MatterToPeople(const v1::Account& account) {
  return account.human() || account.enabled() || !account.has_enabled();
}

// LIKE's pattern for a name in which only * is special.
std::string PatternOf(const std::string& name) {
  std::string pattern;
  for (const char c : name) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c == '*' ? '%' : c;
  }
  return pattern;
}

// Each item of the dictionary is looked at once; its devices come by their sets.
Result<std::vector<ItemId>> ItemsOf(const Store& store, const SoftwareFilter& filter) {
  SelectRequest select;
  select.sql = "SELECT software_id FROM software WHERE ";
  const bool is_pattern = filter.name.find('*') != std::string::npos;
  select.sql += is_pattern ? "name LIKE :name ESCAPE '\\'" : "name = :name";
  select.parameters["name"] = is_pattern ? PatternOf(filter.name) : filter.name;
  if (!filter.below.empty()) {
    // A package that has no version (its configuration only) is neither below nor above.
    select.sql += " AND version <> '' AND version_key < version_key(manager, :below)";
    select.parameters["below"] = filter.below;
  }
  select.sql += " ORDER BY name, architecture, version_key";
  std::vector<ItemId> items;
  const auto done = store.Select(select, [&](auto, auto values) {
    items.push_back(static_cast<ItemId>(std::get<std::int64_t>(values[0])));
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return items;
}

Status AddSections(const Store& store, const std::string& device_id, std::optional<UnixTime> at,
                   v1::DeviceDetail& detail) {
  SelectRequest select;
  select.sql = at ? kSelectSectionThen : std::string(kSelectSection) + "WHERE device_id = :device ORDER BY section";
  select.parameters = {{"device", device_id}};
  if (at) select.parameters["at"] = *at;
  return store.Select(select, [&](auto columns, auto values) {
    *detail.add_sections() = SectionFrom(Row(columns, values));
    return true;
  });
}

Status AddFacts(const Store& store, const std::string& device_id, std::optional<UnixTime> at,
                v1::DeviceDetail& detail) {
  auto accounts = AccountsOf(store, device_id, at);
  if (!accounts) return std::unexpected(accounts.error());
  for (v1::Account& account : *accounts) *detail.add_accounts() = std::move(account);
  if (auto done = AddSection(store, device_id, "network", at, detail.mutable_interfaces()); !done) return done;
  if (auto done = AddSection(store, device_id, "listeners", at, detail.mutable_listeners()); !done) return done;
  auto hardware = ReadSection<v1::Hardware>(store, device_id, "hardware", at);
  if (!hardware) return std::unexpected(hardware.error());
  if (!hardware->empty()) *detail.mutable_hardware() = std::move(hardware->front());
  auto os = ReadSection<v1::Os>(store, device_id, "os", at);
  if (!os) return std::unexpected(os.error());
  if (!os->empty()) *detail.mutable_os() = std::move(os->front());
  return {};
}

}  // namespace

Status ReadDevices(const Store& store, const Sink<v1::Device>& sink) {
  SelectRequest select;
  select.sql = std::string(kSelectDevice) + "ORDER BY hostname, device_id";
  select.limit_ms = kListLimitMs;
  return store.Select(select, [&](auto columns, auto values) { return sink(DeviceFrom(Row(columns, values))); });
}

Result<v1::Device> ReadDevice(const Store& store, const std::string& device_id) {
  auto detail = ReadDeviceDetail(store, device_id);
  if (!detail) return std::unexpected(detail.error());
  return std::move(*detail->mutable_device());
}

Result<v1::DeviceDetail> ReadDeviceDetail(const Store& store, const std::string& device_id,
                                          std::optional<UnixTime> at) {
  v1::DeviceDetail detail;
  SelectRequest select;
  select.sql = std::string(kSelectDevice) + "WHERE device_id = :device";
  select.parameters = {{"device", device_id}};
  auto done = store.Select(select, [&](auto columns, auto values) {
    const Row row(columns, values);
    *detail.mutable_device() = DeviceFrom(row);
    *detail.mutable_last_cycle() = CycleFrom(row);
    if (const auto skew = row.Integer("clock_skew_seconds")) {
      detail.set_clock_skew_seconds(static_cast<std::int32_t>(std::clamp<std::int64_t>(*skew, INT32_MIN, INT32_MAX)));
    }
    return false;
  });
  if (!done) return std::unexpected(done.error());
  if (!detail.has_device()) return Fail(Code::kNotFound, "no device " + device_id);
  if (done = AddSections(store, device_id, at, detail); !done) return std::unexpected(done.error());
  if (done = AddFacts(store, device_id, at, detail); !done) return std::unexpected(done.error());
  if (at) {
    if (done = SetBack(*at, detail); !done) return std::unexpected(done.error());
  }
  return detail;
}

Status ReadSoftware(const Store& store, const SoftwareFilter& filter, const Sink<v1::SoftwareEntry>& sink) {
  SoftwareScan scan;
  scan.device_id = filter.device_id;
  scan.limit_ms = kListLimitMs;
  scan.at = filter.at;
  if (!filter.name.empty()) {
    auto items = ItemsOf(store, filter);
    if (!items) return std::unexpected(items.error());
    scan.items = std::move(*items);
  }
  return store.ScanSoftware(scan, [&](const Installation& one) {
    v1::SoftwareEntry entry = SoftwareFrom(one);
    if (filter.at) *entry.mutable_at() = ToTimestamp(*filter.at);
    return sink(entry);
  });
}

Status ReadAccounts(const Store& store, const AccountFilter& filter, const Sink<v1::AccountEntry>& sink) {
  SelectRequest select;
  // Whatever was revoked by then is not asked for; absent: now, which is after everything.
  select.sql =
      "SELECT device_id, hostname FROM device WHERE CASE :device WHEN '' THEN revoked_at IS NULL OR revoked_at > :at "
      "ELSE device_id = :device END ORDER BY hostname, device_id";
  select.parameters = {{"device", filter.device_id}, {"at", filter.at.value_or(std::numeric_limits<UnixTime>::max())}};
  std::vector<std::pair<std::string, std::string>> devices;
  const auto done = store.Select(select, [&](auto columns, auto values) {
    const Row row(columns, values);
    devices.emplace_back(row.Text("device_id"), row.Text("hostname"));
    return true;
  });
  if (!done) return done;
  for (const auto& [id, hostname] : devices) {
    auto accounts = AccountsOf(store, id, filter.at);
    if (!accounts) return std::unexpected(accounts.error());
    v1::AccountEntry entry;
    entry.set_device_id(id);
    entry.set_hostname(hostname);
    if (filter.at) *entry.mutable_at() = ToTimestamp(*filter.at);
    for (v1::Account& account : *accounts) {
      if (!filter.all && !MatterToPeople(account)) continue;
      *entry.mutable_account() = std::move(account);
      if (!sink(entry)) return {};
    }
  }
  return {};
}

}  // namespace daicho::collector
