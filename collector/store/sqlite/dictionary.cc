#include "collector/store/sqlite/dictionary.h"

#include <limits>

#include "common/delta.h"
#include "common/sections.h"
#include "common/version_order.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

// About what an entry costs in both maps besides its bytes.
constexpr std::size_t kEntryOverhead = 160;

// Stands on disk, so it must be the same in every build.
std::int64_t HashOnDisk(std::string_view item) {
  std::uint64_t hash = 0;
  const std::string digest = Sha256(item);
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8 | static_cast<std::uint8_t>(digest[i]);
  return static_cast<std::int64_t>(hash);
}

}  // namespace

Result<std::string> ItemBytes(Connection& connection, ItemId id) {
  Query query = connection.Ask("SELECT item FROM software_item WHERE id = ?1", std::int64_t{id});
  if (query.Next()) return std::string(query.Bytes(0));
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return Fail(Code::kDataLoss, "store " + connection.path() + ": software item " + std::to_string(id) + " is missing");
}

Dictionary::Item Dictionary::Remember(ItemId id, std::string_view item, std::uint64_t key_hash) {
  auto entry = std::make_unique<const Entry>(Entry{std::string(item), key_hash});
  const Item known{id, key_hash};
  by_bytes_.emplace(entry->bytes, known);
  by_id_.emplace(id, std::move(entry));
  bytes_ += item.size() + kEntryOverhead;
  return known;
}

ItemId Dictionary::FindOnDisk(std::string_view item, std::int64_t hash) {
  Query query = connection_.Ask("SELECT id, item FROM software_item WHERE item_hash = ?1", hash);
  while (query.Next()) {
    if (query.Bytes(1) == item) return static_cast<ItemId>(query.Int(0));
  }
  return 0;
}

Result<Dictionary::Item> Dictionary::Intern(std::string_view item) {
  if (const auto found = by_bytes_.find(item); found != by_bytes_.end()) return found->second;
  const SectionType& type = *FindSection("software");
  const auto parsed = ParseRow(type, item);
  if (!parsed) return std::unexpected(parsed.error());
  const std::uint64_t key_hash = std::hash<std::string>()(RowKey(type, **parsed));
  const std::int64_t hash = HashOnDisk(item);
  if (const ItemId id = FindOnDisk(item, hash)) return Remember(id, item, key_hash);
  const auto& software = static_cast<const v1::Software&>(**parsed);
  connection_.Do(
      "INSERT INTO software_item (item_hash, item, manager, name, version, version_key, architecture, state) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
      hash, Blob{item}, software.manager(), software.name(), software.version(),
      Blob{VersionKey(software.manager(), software.version())}, software.architecture(), software.state());
  if (!connection_.ok()) return std::unexpected(connection_.status().error());
  const std::int64_t id = connection_.LastRowId();
  if (id > std::numeric_limits<ItemId>::max()) {
    return Fail(Code::kResourceExhausted, "store " + connection_.path() + ": the software dictionary is full");
  }
  uncommitted_.push_back(static_cast<ItemId>(id));
  return Remember(static_cast<ItemId>(id), item, key_hash);
}

Result<std::string_view> Dictionary::Bytes(ItemId id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) return std::string_view(found->second->bytes);
  const auto item = ItemBytes(connection_, id);
  if (!item) return std::unexpected(item.error());
  const SectionType& type = *FindSection("software");
  const auto parsed = ParseRow(type, *item);
  if (!parsed) return Fail(Code::kDataLoss, "software item " + std::to_string(id) + " is damaged");
  Remember(id, *item, std::hash<std::string>()(RowKey(type, **parsed)));
  return std::string_view(by_id_.at(id)->bytes);
}

void Dictionary::Forget(std::size_t mark) {
  while (uncommitted_.size() > mark) {
    const auto entry = by_id_.find(uncommitted_.back());
    by_bytes_.erase(entry->second->bytes);
    bytes_ -= entry->second->bytes.size() + kEntryOverhead;
    by_id_.erase(entry);
    uncommitted_.pop_back();
  }
}

void Dictionary::Trim() {
  uncommitted_.clear();
  if (bytes_ <= max_bytes_) return;
  by_bytes_.clear();
  by_id_.clear();
  bytes_ = 0;
}

}  // namespace daicho::collector
