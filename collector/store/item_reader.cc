#include "collector/store/item_reader.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace daicho::collector {

namespace {

// Items of one statement. Always as many: the statement is prepared once, and an engine across a wire is asked a few
// times for a device and not once an item.
constexpr std::size_t kItemsAtOnce = 256;

const std::string& SelectSql() {
  static const std::string sql = [] {
    std::string text = "SELECT id, item FROM software_item WHERE id IN (?1";
    for (std::size_t i = 2; i <= kItemsAtOnce; ++i) text += ", ?" + std::to_string(i);
    return text + ")";
  }();
  return sql;
}

// What one item costs beside its bytes.
constexpr std::size_t kEntryOverhead = 64;

}  // namespace

Status ItemReader::Load(std::span<const ItemId> ids) {
  std::array<Value, kItemsAtOnce> values;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::int64_t{ids[std::min(i, ids.size() - 1)]};
  Query rows = connection_.AskWith(SelectSql(), values);
  while (rows.Next()) {
    const auto [place, fresh] = items_.emplace(static_cast<ItemId>(rows.Int(0)), rows.Bytes(1));
    if (fresh) bytes_ += place->second.size() + kEntryOverhead;
  }
  return connection_.status();
}

Result<std::vector<std::string_view>> ItemReader::Bytes(std::span<const ItemId> ids) {
  if (bytes_ > max_bytes_) {
    items_.clear();
    bytes_ = 0;
  }
  std::vector<ItemId> missing;
  std::ranges::copy_if(ids, std::back_inserter(missing), [this](ItemId id) { return !items_.contains(id); });
  for (std::span<const ItemId> rest = missing; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), kItemsAtOnce));
    if (const Status loaded = Load(some); !loaded) return std::unexpected(loaded.error());
    rest = rest.subspan(some.size());
  }
  std::vector<std::string_view> bytes;
  bytes.reserve(ids.size());
  for (const ItemId id : ids) {
    const auto found = items_.find(id);
    if (found == items_.end()) {
      return Fail(Code::kDataLoss, connection_.name() + ": software item " + std::to_string(id) + " is missing");
    }
    bytes.push_back(found->second);
  }
  return bytes;
}

}  // namespace daicho::collector
