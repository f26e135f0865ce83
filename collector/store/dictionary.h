// The dictionary of software items: item bytes (fields 1–15 of message Software) to their number and back, cached in
// memory, kept in table software_item. Items are never changed.
//
// The cache may hold numbers of a transaction that is still open. Whoever rolls back must call Forget() with the mark
// taken before, or numbers would be handed out that the database does not know.
// Threads: the writer's only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/store/connection.h"
#include "collector/store/content_table.h"
#include "collector/store/section_table.h"

namespace daicho::collector {

class Dictionary {
 public:
  // An item's number, a hash of its key (common/sections.h RowKey) that is good within this process, and its bytes,
  // which hold until Trim() or Forget(). An item that is not known has neither number nor bytes.
  struct Item {
    ItemId id = 0;
    std::uint64_t key_hash = 0;
    std::string_view bytes;
  };

  // `max_bytes` bounds the cache (Trim()).
  Dictionary(Connection& connection, ContentTable& table, std::size_t max_bytes = 64u << 20)
      : connection_(connection), table_(table), max_bytes_(max_bytes) {}

  // Fills in what is known of the items, in their order; those of `found` that have a number already are left alone.
  // Adds nothing: what is refused must not teach the dictionary. A fault names the first item that is no message
  // Software, by its index. Precondition: as many of the one as of the other.
  std::optional<RowFault> Check(std::span<const std::string_view> items, std::span<Item> found);

  // Adds those of `found` (of Check(), for the same items) that are not known, and fills in their numbers.
  // kInvalidArgument: the store cannot keep an item; other codes: the engine's.
  Status Add(std::span<const std::string_view> items, std::span<Item> found);

  // kDataLoss: no such number.
  Result<Item> Find(ItemId id);

  std::size_t Mark() const { return uncommitted_.size(); }
  // Forgets what was learned since `mark`.
  void Forget(std::size_t mark);
  // After COMMIT: what was learned is true. Empties the cache when it has grown over its bound.
  void Trim();

 private:
  struct Entry {
    std::string bytes;
    std::uint64_t key_hash = 0;

    Item AsItem(ItemId id) const { return {id, key_hash, bytes}; }
  };

  Item Remember(ItemId id, std::string_view item, std::uint64_t key_hash);

  Connection& connection_;
  ContentTable& table_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::unordered_map<ItemId, std::unique_ptr<const Entry>> by_id_;
  std::unordered_map<std::string_view, Item> by_bytes_;  // keys point into by_id_
  std::vector<ItemId> uncommitted_;
  // The items of the last report, in their order: the next one, ordered too, mostly has the same, and a look beside is
  // cheaper than one into the map.
  std::vector<Item> last_;
};

// Bytes of an item from disk alone, for readers. kDataLoss: no such number.
Result<std::string> ItemBytes(Connection& connection, ItemId id);

}  // namespace daicho::collector
