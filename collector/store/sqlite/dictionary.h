// The dictionary of software items: item bytes (fields 1–15 of message Software) to their number and back, cached in
// memory, kept in table software_item. Items are never changed or removed.
//
// The cache may hold numbers of a transaction that is still open. Whoever rolls back must call Forget() with the mark
// taken before, or numbers would be handed out that the database does not know.
// Threads: the writer's only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/store/set_codec.h"
#include "collector/store/sqlite/connection.h"

namespace daicho::collector {

class Dictionary {
 public:
  // An item's number, and a hash of its key (common/sections.h RowKey) that is good within this process.
  struct Item {
    ItemId id = 0;
    std::uint64_t key_hash = 0;
  };

  // `max_bytes` bounds the cache (Trim()).
  explicit Dictionary(Connection& connection, std::size_t max_bytes = 64u << 20)
      : connection_(connection), max_bytes_(max_bytes) {}

  // Number of an item, new if it is not known. kInvalidArgument: not a message Software.
  Result<Item> Intern(std::string_view item);

  // Bytes of an item; hold until Trim() or Forget(). kDataLoss: no such number.
  Result<std::string_view> Bytes(ItemId id);

  std::size_t Mark() const { return uncommitted_.size(); }
  // Forgets what was learned since `mark`.
  void Forget(std::size_t mark);
  // After COMMIT: what was learned is true. Empties the cache when it has grown over its bound.
  void Trim();

 private:
  struct Entry {
    std::string bytes;
    std::uint64_t key_hash = 0;
  };

  Item Remember(ItemId id, std::string_view item, std::uint64_t key_hash);
  ItemId FindOnDisk(std::string_view item, std::int64_t hash);

  Connection& connection_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::unordered_map<ItemId, std::unique_ptr<const Entry>> by_id_;
  std::unordered_map<std::string_view, Item> by_bytes_;  // keys point into by_id_
  std::vector<ItemId> uncommitted_;
};

// Bytes of an item from disk alone, for readers. kDataLoss: no such number.
Result<std::string> ItemBytes(Connection& connection, ItemId id);

}  // namespace daicho::collector
