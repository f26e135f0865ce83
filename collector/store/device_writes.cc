#include "collector/store/device_writes.h"

namespace daicho::collector {

namespace {

struct KnownDevice {
  std::int64_t id = 0;
  bool revoked = false;
};

std::optional<KnownDevice> FindDevice(Connection& connection, std::string_view device_id) {
  const std::string sql = "SELECT id, revoked_at IS NOT NULL FROM device_entry WHERE device_id = ?1";
  Query query = connection.Ask(sql + std::string(connection.row_lock()), device_id);
  if (!query.Next()) return std::nullopt;
  return KnownDevice{query.Int(0), query.Int(1) != 0};
}

std::unexpected<Error> NoSuchDevice(std::string_view device_id) {
  return Fail(Code::kNotFound, "no device '" + std::string(device_id) + "' in the ledger");
}

// False: the serial is known already.
bool AddCertificate(Connection& connection, std::int64_t device, std::string_view serial, UnixTime not_after,
                    const char* state, UnixTime at) {
  return connection.Do(
             "INSERT INTO certificate_entry (serial, device, not_after, state, issued_at) VALUES (?1, ?2, ?3, ?4, ?5) "
             "ON CONFLICT DO NOTHING",
             serial, device, not_after, state, at) == 1;
}

}  // namespace

Result<Caller> AdmitCaller(Connection& connection, std::string_view device_id, std::string_view serial) {
  static const std::string sql =
      "SELECT d.id, d.revoked_at IS NOT NULL, "
      "(SELECT c.state FROM certificate_entry AS c WHERE c.serial = ?2 AND c.device = d.id), d.last_seen, "
      "d.clock_skew_seconds, d.line_continuation, d.line_presented, d.line_instance, d.line_machine_id, "
      "d.line_hardware_id FROM device_entry AS d WHERE d.device_id = ?1";
  Caller caller;
  std::string certificate;
  {
    Query query = connection.Ask(sql + std::string(connection.row_lock()), device_id, serial);
    if (!query.Next()) {
      return Fail(Code::kPermissionDenied, "this collector does not know the device; enrol it again");
    }
    if (query.Int(1) != 0) return Fail(Code::kPermissionDenied, "the device is revoked");
    certificate = query.Text(2);
    caller = {.device = query.Int(0),
              .line = {.continuation = std::string(query.Bytes(5)),
                       .presented = std::string(query.Bytes(6)),
                       .instance = std::string(query.Bytes(7)),
                       .machine_id = std::string(query.Text(8)),
                       .hardware_id = std::string(query.Text(9)),
                       .last_seen = query.Int(3)},
              .clock_skew_seconds = query.OptionalInt(4)};
  }
  caller.has_next_certificate = certificate == "next";
  if (caller.has_next_certificate || certificate == "current") return caller;
  return Fail(Code::kPermissionDenied,
              "the certificate was replaced by a newer one of this device; enrol it again if that one is lost");
}

void AcceptCertificate(Connection& connection, const Caller& caller, std::string_view serial) {
  if (!caller.has_next_certificate) return;
  connection.Run("UPDATE certificate_entry SET state = 'old' WHERE device = ?1 AND state = 'current'", caller.device);
  connection.Run("UPDATE certificate_entry SET state = 'current' WHERE serial = ?1", serial);
}

Result<Caller> AdmitCaller(Connection& connection, std::string_view device_id, std::string_view serial,
                           std::string_view continuation) {
  auto caller = AdmitCaller(connection, device_id, serial);
  if (caller && !IsOfLine(caller->line, continuation)) {
    return Fail(Code::kFailedPrecondition, "another check-in of this device came in between; check in first");
  }
  if (caller) AcceptCertificate(connection, *caller, serial);
  return caller;
}

void Apply(Connection& connection, TokenWrite& write) {
  write.result = {};
  std::optional<std::int64_t> device;
  if (!write.device_id.empty()) {
    const auto known = FindDevice(connection, write.device_id);
    if (!known) {
      write.result = NoSuchDevice(write.device_id);
      return;
    }
    device = known->id;
  }
  for (const std::string& token_hash : write.token_hashes) {
    const auto added = connection.Do(
        "INSERT INTO token_entry (token_hash, device, bound, note, created_by, created_at, expires_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
        token_hash, device, std::int64_t{device ? 1 : 0}, write.note, write.created_by, write.created_at,
        write.expires_at);
    if (added == 1) continue;
    write.result = Fail(Code::kAlreadyExists, "this token exists already; make another one");
    return;
  }
}

namespace {

// Burns the token in one statement: two enrolments with one token cannot both find it unused.
bool BurnToken(Connection& connection, const EnrolWrite& write) {
  return connection.Do(
             "UPDATE token_entry SET used_at = ?2 WHERE token_hash = ?1 AND used_at IS NULL AND expires_at > ?2 "
             "AND (bound = 0 OR device = (SELECT id FROM device_entry WHERE device_id = ?3 AND revoked_at IS NULL)) "
             "AND (bound = 1 OR NOT EXISTS (SELECT 1 FROM device_entry WHERE device_id = ?3))",
             write.token_hash, write.at, write.device_id) == 1;
}

}  // namespace

void Apply(Connection& connection, EnrolWrite& write) {
  write.result = {};
  if (!BurnToken(connection, write)) {
    write.result = Fail(Code::kPermissionDenied,
                        "the token is unknown, used or expired, or not for this device; ask for a new one");
    return;
  }
  connection.Run(
      "INSERT INTO device_entry (device_id, hostname, enrolled_at, last_seen, agent_version) "
      "VALUES (?1, ?2, ?3, ?3, ?4) ON CONFLICT (device_id) DO UPDATE SET last_seen = ?3, agent_version = ?4, "
      "line_continuation = NULL, line_presented = NULL, line_instance = NULL, line_machine_id = NULL, "
      "line_hardware_id = NULL",
      write.device_id, write.hostname, write.at, write.agent_version);
  const auto device = FindDevice(connection, write.device_id);
  if (!device) return;  // the engine failed, and said so
  connection.Run("UPDATE token_entry SET device = ?2 WHERE token_hash = ?1", write.token_hash, device->id);
  connection.Run("DELETE FROM claim_entry WHERE device = ?1", device->id);
  connection.Run("UPDATE certificate_entry SET state = 'old' WHERE device = ?1", device->id);
  if (!AddCertificate(connection, device->id, write.certificate_serial, write.certificate_not_after, "current",
                      write.at)) {
    write.result = Fail(Code::kAlreadyExists, "a certificate with this serial number exists; issue another one");
  }
}

void Apply(Connection& connection, RenewWrite& write) {
  write.result = {};
  const auto caller = AdmitCaller(connection, write.device_id, write.caller_serial, write.continuation);
  if (!caller) {
    write.result = std::unexpected(caller.error());
    return;
  }
  const std::int64_t device = caller->device;
  connection.Run("UPDATE certificate_entry SET state = 'old' WHERE device = ?1 AND state = 'next'", device);
  connection.Run("UPDATE device_entry SET last_seen = ?2 WHERE id = ?1", device, write.at);
  if (!AddCertificate(connection, device, write.certificate_serial, write.certificate_not_after, "next", write.at)) {
    write.result = Fail(Code::kAlreadyExists, "a certificate with this serial number exists; issue another one");
  }
}

void Apply(Connection& connection, RevokeWrite& write) {
  write.result = {};
  const auto device = FindDevice(connection, write.device_id);
  if (!device) {
    write.result = NoSuchDevice(write.device_id);
    return;
  }
  write.changed = !device->revoked;
  connection.Run("UPDATE device_entry SET revoked_at = ?2, revoked_reason = ?3 WHERE id = ?1 AND revoked_at IS NULL",
                 device->id, write.at, write.reason);
  connection.Run("UPDATE certificate_entry SET state = 'old' WHERE device = ?1", device->id);
}

}  // namespace daicho::collector
