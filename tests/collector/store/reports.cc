#include "tests/collector/store/reports.h"

#include <random>

#include "common/sections.h"
#include "common/time_format.h"

namespace daicho::collector::testing {

namespace {

v1::SectionResult Report(Store& store, const std::string& device_id, v1::SectionDelta delta, UnixTime at) {
  ReportToDo report = NewReport(device_id, at);
  *report.request->add_sections() = std::move(delta);
  const ReportWrite done = CommitOne(store, std::move(report.write));
  if (!done.result) throw std::runtime_error(done.result.error().message);
  return done.result->at(0);
}

std::string AsText(const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* real = std::get_if<double>(&value)) return std::to_string(*real);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return "-";
}

}  // namespace

std::string SerialOf(const std::string& device_id) { return "serial-of-" + device_id; }

std::string DeviceId(int number) {
  const std::string digits = std::to_string(number);
  return std::string(32 - digits.size(), '0') + digits;
}

CheckInToDo NewCheckIn(const std::string& device_id, UnixTime at) {
  CheckInToDo check_in;
  check_in.write.device_id = device_id;
  check_in.write.caller_serial = SerialOf(device_id);
  check_in.write.at = at;
  check_in.write.request = check_in.request;
  return check_in;
}

ReportToDo NewReport(const std::string& device_id, UnixTime at) {
  ReportToDo report;
  report.write.device_id = device_id;
  report.write.caller_serial = SerialOf(device_id);
  report.write.at = at;
  report.write.request = report.request;
  return report;
}

void EnrolDevice(Store& store, const std::string& device_id, const std::string& hostname, UnixTime at) {
  TokenWrite token;
  token.token_hashes = {Hex(Sha256("token of " + device_id))};
  token.created_by = "admin/test";
  token.created_at = at;
  token.expires_at = at + kDay;
  token = CommitOne(store, std::move(token));
  if (!token.result) throw std::runtime_error(token.result.error().message);
  EnrolWrite enrol;
  enrol.token_hash = token.token_hashes.front();
  enrol.device_id = device_id;
  enrol.hostname = hostname;
  enrol.agent_version = "0.1.0";
  enrol.certificate_serial = SerialOf(device_id);
  enrol.certificate_not_after = at + 90 * kDay;
  enrol.at = at;
  enrol = CommitOne(store, std::move(enrol));
  if (!enrol.result) throw std::runtime_error(enrol.result.error().message);
}

v1::SectionResult FeedSection(Store& store, const std::string& device_id, const std::string& section, Rows rows,
                              UnixTime at, v1::SectionStatus status) {
  OrderRows(rows);
  v1::SectionDelta delta;
  delta.set_name(section);
  delta.set_status(status);
  MakeFull(rows, delta);
  return Report(store, device_id, std::move(delta), at);
}

v1::SectionResult FeedChange(Store& store, const std::string& device_id, const std::string& section, Rows rows,
                             UnixTime at, v1::SectionStatus status) {
  OrderRows(rows);
  const auto held = store.SectionRows(device_id, section);
  if (!held) throw std::runtime_error(held.error().message);
  v1::SectionDelta delta;
  delta.set_name(section);
  delta.set_status(status);
  MakeDelta(*held, rows, delta);
  return Report(store, device_id, std::move(delta), at);
}

std::vector<v1::SectionWanted> CheckInOk(Store& store, const std::string& device_id,
                                         const std::map<std::string, Rows>& sections, UnixTime at) {
  CheckInToDo check_in = NewCheckIn(device_id, at);
  for (const auto& [name, rows] : sections) {
    Rows ordered = rows;
    OrderRows(ordered);
    v1::SectionState& state = *check_in.request->add_sections();
    state.set_name(name);
    state.set_status(v1::OK);
    state.set_digest(DigestRows(ordered));
    state.set_row_count(static_cast<std::uint32_t>(ordered.size()));
  }
  const CheckInWrite done = CommitOne(store, std::move(check_in.write));
  if (!done.result) throw std::runtime_error(done.result.error().message);
  return done.result->wanted;
}

std::vector<std::vector<std::string>> Ask(const Store& store, const std::string& sql,
                                          const std::map<std::string, SqlValue>& parameters) {
  std::vector<std::vector<std::string>> rows;
  const Status asked =
      store.Select({sql, parameters, {}, {}}, [&](std::span<const std::string>, std::span<const SqlValue> values) {
        auto& row = rows.emplace_back();
        for (const SqlValue& value : values) row.push_back(AsText(value));
        return true;
      });
  if (!asked) throw std::runtime_error(sql + ": " + asked.error().message);
  return rows;
}

std::string AskOne(const Store& store, const std::string& sql, const std::map<std::string, SqlValue>& parameters) {
  const auto rows = Ask(store, sql, parameters);
  if (rows.size() != 1 || rows[0].size() != 1) {
    throw std::runtime_error(sql + ": " + std::to_string(rows.size()) + " rows instead of one value");
  }
  return rows[0][0];
}

std::string PackageRow(const std::string& name, const std::string& version, UnixTime installed_at,
                       const std::string& state) {
  v1::Software row;
  row.set_manager("dpkg");
  row.set_name(name);
  row.set_architecture("amd64");
  row.set_version(version);
  row.set_state(state);
  row.set_want("install");
  if (installed_at != 0) *row.mutable_installed_at() = ToTimestamp(installed_at);
  return RowBytes(row);
}

std::string AccountRow(const std::string& name, std::uint32_t uid, UnixTime last_use_at) {
  v1::Account row;
  row.set_name(name);
  row.set_uid(uid);
  row.set_human(uid >= 1000);
  row.set_admin(uid == 0);
  if (uid == 0) row.add_admin_by("uid 0");
  if (last_use_at != 0) {
    *row.mutable_last_use()->mutable_at() = ToTimestamp(last_use_at);
    row.mutable_last_use()->set_source("wtmp");
  }
  return RowBytes(row);
}

std::string OsRow(const std::string& hostname, const std::string& version) {
  v1::Os row;
  row.set_hostname(hostname);
  row.set_id("debian");
  row.set_version(version);
  return RowBytes(row);
}

std::string InterfaceRow(const std::string& name, const std::string& mac, const std::vector<std::string>& addresses,
                         const std::string& kind, bool is_virtual) {
  v1::NetworkInterface row;
  row.set_name(name);
  row.set_kind(kind);
  row.set_virtual_(is_virtual);
  row.set_mac(mac);
  for (const std::string& address : addresses) row.add_addresses(address);
  return RowBytes(row);
}

std::string ListenerRow(std::uint32_t port, const std::string& program) {
  v1::Listener row;
  row.set_protocol("tcp");
  row.set_address("0.0.0.0");
  row.set_port(port);
  row.set_program(program);
  return RowBytes(row);
}

std::string IncompressibleText(std::size_t size) {
  std::mt19937 random(1);
  std::string text;
  while (text.size() < size) text += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+-"[random() % 64];
  return text;
}

}  // namespace daicho::collector::testing
