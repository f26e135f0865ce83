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

Result<DeviceStatus> FindDevice(Connection& connection, std::string_view device_id) {
  Query query = connection.Ask(
      "SELECT revoked_at IS NOT NULL, reported_at IS NOT NULL FROM device_entry WHERE device_id = ?1", device_id);
  if (!query.Next()) {
    if (!connection.ok()) return std::unexpected(connection.status().error());
    return Fail(Code::kNotFound, "no device '" + std::string(device_id) + "' in the ledger");
  }
  if (query.Int(0) != 0) return DeviceStatus::kRevoked;
  return query.Int(1) != 0 ? DeviceStatus::kActive : DeviceStatus::kEnrolled;
}

Result<std::int64_t> FindDeviceNumber(Connection& connection, std::string_view device_id) {
  Query query = connection.Ask("SELECT id FROM device_entry WHERE device_id = ?1", device_id);
  if (query.Next()) return query.Int(0);
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return Fail(Code::kNotFound, "no device '" + std::string(device_id) + "' in the ledger");
}

}  // namespace daicho::collector
