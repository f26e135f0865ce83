#include "collector/store/sqlite/content_table.h"

#include <limits>

#include "common/delta.h"
#include "common/version_order.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

ItemId SqliteContentTable::Find(std::string_view item, std::int64_t hash) {
  Query query = connection_.Ask("SELECT id, item FROM software_item WHERE item_hash = ?1", hash);
  while (query.Next()) {
    if (query.Bytes(1) == item) return static_cast<ItemId>(query.Int(0));
  }
  return 0;
}

std::int64_t SqliteContentTable::Add(const UnknownItem& item, std::int64_t hash) {
  const v1::Software& software = *item.software;
  Query added = connection_.Ask(
      "INSERT INTO software_item (item_hash, item, manager, name, version, version_key, architecture, state) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) RETURNING id",
      hash, Blob{item.bytes}, software.manager(), software.name(), software.version(),
      Blob{VersionKey(software.manager(), software.version())}, software.architecture(), software.state());
  return added.Next() ? added.Int(0) : 0;
}

Result<std::vector<ItemId>> SqliteContentTable::FindOrAddItems(std::span<const UnknownItem> items) {
  std::vector<ItemId> ids;
  ids.reserve(items.size());
  for (const UnknownItem& item : items) {
    const std::int64_t hash = ItemHash(item.bytes);
    const ItemId known = Find(item.bytes, hash);
    const std::int64_t id = known != 0 ? known : Add(item, hash);
    if (!connection_.ok()) return std::unexpected(connection_.status().error());
    if (id > std::numeric_limits<ItemId>::max()) {
      return Fail(Code::kResourceExhausted, connection_.name() + ": the software dictionary is full");
    }
    ids.push_back(static_cast<ItemId>(id));
  }
  return ids;
}

Result<std::int64_t> SqliteContentTable::FindOrAddSet(std::string_view encoded_items, std::size_t count) {
  const std::string name = Sha256(encoded_items);
  {
    Query known = connection_.Ask("SELECT id FROM software_set WHERE sha256 = ?1", Blob{name});
    if (known.Next()) return known.Int(0);
  }
  Query added = connection_.Ask("INSERT INTO software_set (sha256, item_count, items) VALUES (?1, ?2, ?3) RETURNING id",
                                Blob{name}, static_cast<std::int64_t>(count), Blob{encoded_items});
  if (added.Next()) return added.Int(0);
  return std::unexpected(connection_.status().error());
}

}  // namespace daicho::collector
