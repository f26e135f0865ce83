// The dictionary's items as readers need them: parsed, and in the order in which people list software. Loaded when
// first asked for, and kept. Thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "collector/store/connection.h"
#include "collector/store/set_codec.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

// What was loaded. An item that was found stays where it is as long as this lives.
class CatalogItems {
 public:
  // nullptr: not loaded.
  const v1::Software* Find(ItemId id) const;
  // Place of an item in the order of name, architecture, version; of all items that are loaded.
  std::uint32_t RankOf(ItemId id) const { return entries_.at(id).rank; }

 private:
  friend class ItemCatalog;
  struct Entry {
    v1::Software software;
    std::string version_key;
    std::uint32_t rank = 0;
  };
  void Add(ItemId id, std::string_view bytes);
  void Rank();

  std::unordered_map<ItemId, Entry> entries_;
  ItemId complete_to_ = 0;  // all that were there up to this number are loaded
  bool ranked_ = true;
};

class ItemCatalog {
 public:
  // The catalog with these items loaded, or with all that there are and all ranked. kDataLoss: an item that is not in
  // the dictionary; the engine's errors.
  Result<std::shared_ptr<const CatalogItems>> Load(Connection& connection, std::span<const ItemId> ids);
  Result<std::shared_ptr<const CatalogItems>> LoadAll(Connection& connection);

  // Forgets everything: the server that it was read from may not be the one that is read from now on.
  void Clear();

 private:
  std::mutex mutex_;
  // Replaced, not changed, by whoever loads more: readers go on with theirs.
  std::shared_ptr<const CatalogItems> items_ = std::make_shared<const CatalogItems>();
};

}  // namespace daicho::collector
