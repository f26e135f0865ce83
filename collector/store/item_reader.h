// Bytes of dictionary items for readers: many at a time, and kept for the next ones, since devices have much in common
// and an item never changes. Threads: as the connection.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "collector/store/connection.h"
#include "collector/store/set_codec.h"
#include "common/error.h"

namespace daicho::collector {

class ItemReader {
 public:
  // `connection` must outlive this. `max_bytes` bounds what is kept.
  explicit ItemReader(Connection& connection, std::size_t max_bytes = 64u << 20)
      : connection_(connection), max_bytes_(max_bytes) {}

  // Bytes of the items, in their order; views hold until the next call. kDataLoss: an item that is not in the
  // dictionary; the engine's errors.
  Result<std::vector<std::string_view>> Bytes(std::span<const ItemId> ids);

 private:
  Status Load(std::span<const ItemId> ids);

  Connection& connection_;
  const std::size_t max_bytes_;
  std::size_t bytes_ = 0;
  std::unordered_map<ItemId, std::string> items_;
};

}  // namespace daicho::collector
