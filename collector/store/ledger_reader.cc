#include "collector/store/ledger_reader.h"

namespace daicho::collector {

Result<TokenGrant> FindToken(Connection& connection, std::string_view token_hash, UnixTime now) {
  Query query = connection.Ask(
      "SELECT coalesce(d.device_id, '') FROM token_entry AS t LEFT JOIN device_entry AS d ON d.id = t.device "
      "WHERE t.token_hash = ?1 AND t.used_at IS NULL AND t.expires_at > ?2",
      token_hash, now);
  if (query.Next()) return TokenGrant{std::string(query.Text(0))};
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return Fail(Code::kPermissionDenied, "the token is unknown, used or expired; ask for a new one");
}

Result<DeviceAccess> FindDevice(Connection& connection, std::string_view device_id, std::string_view certificate_serial,
                                bool& is_renewed) {
  Query query = connection.Ask(
      "SELECT d.revoked_at IS NOT NULL, d.reported_at IS NOT NULL, c.state FROM device_entry AS d "
      "LEFT JOIN certificate_entry AS c ON c.device = d.id AND c.serial = ?2 WHERE d.device_id = ?1",
      device_id, certificate_serial);
  if (!query.Next()) {
    if (!connection.ok()) return std::unexpected(connection.status().error());
    return Fail(Code::kNotFound, "no device '" + std::string(device_id) + "' in the ledger");
  }
  DeviceAccess access;
  access.status = query.Int(0) != 0   ? DeviceStatus::kRevoked
                  : query.Int(1) != 0 ? DeviceStatus::kActive
                                      : DeviceStatus::kEnrolled;
  const std::string_view state = query.Text(2);
  access.certificate_accepted = access.status != DeviceStatus::kRevoked && (state == "current" || state == "next");
  is_renewed = access.certificate_accepted && state == "next";
  return access;
}

Result<std::int64_t> FindDeviceNumber(Connection& connection, std::string_view device_id) {
  Query query = connection.Ask("SELECT id FROM device_entry WHERE device_id = ?1", device_id);
  if (query.Next()) return query.Int(0);
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return Fail(Code::kNotFound, "no device '" + std::string(device_id) + "' in the ledger");
}

}  // namespace daicho::collector
