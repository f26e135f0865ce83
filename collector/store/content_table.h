// What is named by its content and never changed: dictionary items and sets of them. Each engine brings one, since how
// rows that many writers want at once come to be is an engine's own affair.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "collector/store/set_codec.h"
#include "common/error.h"

namespace daicho::v1 {
class Software;
}

namespace daicho::collector {

// An item that is not in the dictionary's cache.
struct UnknownItem {
  std::string_view bytes;  // fields 1–15 of message Software
  const v1::Software* software = nullptr;
};

// The hash by which items are found. Stands on disk, so it is the same in every build. Equal hashes are told apart by
// comparing the bytes.
std::int64_t ItemHash(std::string_view item);

class ContentTable {
 public:
  virtual ~ContentTable() = default;

  // How the engine keeps tails.
  virtual TailCoding tail_coding() const = 0;

  // Numbers of the items, in their order; an item that is not there is added. kInvalidArgument: an item that cannot be
  // kept (message: which and why). Other codes: the engine's.
  virtual Result<std::vector<ItemId>> FindOrAddItems(std::span<const UnknownItem> items) = 0;

  // Number of the set with these items (set_codec.h EncodeItems), added if it is not there.
  virtual Result<std::int64_t> FindOrAddSet(std::string_view encoded_items, std::size_t count) = 0;

  // As Connection::is_lost, of a connection of its own.
  virtual bool is_lost() const { return false; }
};

}  // namespace daicho::collector
