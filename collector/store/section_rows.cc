#include "collector/store/section_rows.h"

#include <string>

#include "collector/store/projection.h"
#include "collector/store/software_table.h"
#include "common/time_format.h"

namespace daicho::collector {

Result<Rows> LoadSectionRows(Connection& connection, std::int64_t device, std::string_view section,
                             std::optional<UnixTime> at) {
  ItemReader items(connection);
  return LoadSectionRows(connection, device, section, at, items);
}

Result<Rows> LoadSectionRows(Connection& connection, std::int64_t device, std::string_view section,
                             std::optional<UnixTime> at, ItemReader& items) {
  if (section == "software") return LoadSoftware(connection, device, at, items);
  Rows rows;
  const Projection* projection = FindProjection(section);
  if (!projection) return rows;
  // In order of the rows' bytes: BLOBs compare with memcmp, a prefix first.
  const std::string sql = "SELECT row FROM " + std::string(projection->table) + " WHERE device = ?1 AND " +
                          (at ? kHeldThen : "valid_to IS NULL") + " ORDER BY row";
  Query query = at ? connection.Ask(sql, device, *at) : connection.Ask(sql, device);
  while (query.Next()) rows.emplace_back(query.Bytes(0));
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return rows;
}

Result<std::optional<std::string>> LoadSectionDigest(Connection& connection, std::int64_t device,
                                                     std::string_view section, std::optional<UnixTime> at) {
  Query query =
      at ? connection.Ask(std::string("SELECT digest FROM section_period WHERE device = ?1 AND section = ?3 "
                                      "AND ") +
                              kHeldThen,
                          device, *at, section)
         : connection.Ask("SELECT digest FROM section_state WHERE device = ?1 AND section = ?2", device, section);
  if (query.Next()) return query.OptionalBytes(0);
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return std::nullopt;
}

Result<Rows> LoadProvenRows(Connection& connection, std::int64_t device, std::string_view section,
                            std::optional<UnixTime> at) {
  auto rows = LoadSectionRows(connection, device, section, at);
  if (!rows) return rows;
  const auto digest = LoadSectionDigest(connection, device, section, at);
  if (!digest) return std::unexpected(digest.error());
  if (!*digest || **digest == DigestRows(*rows)) return rows;
  return Fail(Code::kDataLoss, connection.name() + ": section '" + std::string(section) + "'" +
                                   (at ? " of " + FormatTime(*at) : "") +
                                   ": the rows held have not the digest of what was reported; the ledger is damaged: "
                                   "run daicho-collector verify, and restore a backup");
}

}  // namespace daicho::collector
