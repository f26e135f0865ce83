#include "collector/store/software_table.h"

#include <algorithm>
#include <utility>

#include "collector/store/software_period.h"
#include "common/protocol.h"
#include "common/sections.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

// A patch larger than this part of its base is not worth reading two blobs for.
constexpr std::size_t kPatchPart = 4;

// Nearly every tail is installed_at alone: tag 82 01, length 6, 08, five bytes of seconds, the last one without the bit
// that says more. Anything else is left to the parser.
bool IsOnlyATime(std::string_view tail) {
  const auto continues = [&](std::size_t at) { return (static_cast<std::uint8_t>(tail[at]) & 0x80) != 0; };
  return tail.size() == 9 && tail.starts_with("\x82\x01\x06\x08") && continues(4) && continues(5) && continues(6) &&
         continues(7) && !continues(8);
}

// `bytes_of` gives the bytes of items by their numbers, in their order.
template <typename BytesOf>
Result<Rows> JoinRows(Connection& connection, std::int64_t device, std::optional<UnixTime> at,
                      const BytesOf& bytes_of) {
  const auto period = ReadSoftwarePeriod(connection, device, at);
  if (!period) return std::unexpected(period.error());
  Rows rows;
  if (!*period) return rows;
  const ItemTails& held = (*period)->held;
  const auto items = bytes_of(held.ids);
  if (!items) return std::unexpected(items.error());
  rows.reserve(held.ids.size());
  for (std::size_t i = 0; i < held.ids.size(); ++i) {
    std::string& row = rows.emplace_back();
    row.reserve((*items)[i].size() + held.tails[i].size());
    row.append((*items)[i]).append(held.tails[i]);
  }
  OrderRows(rows);
  return rows;
}

}  // namespace

Result<Rows> LoadSoftware(Connection& connection, std::int64_t device, std::optional<UnixTime> at, ItemReader& items) {
  return JoinRows(connection, device, at, [&](std::span<const ItemId> ids) { return items.Bytes(ids); });
}

Result<Rows> SoftwareTable::Load(std::int64_t device) {
  return JoinRows(connection_, device, {}, [&](std::span<const ItemId> ids) -> Result<std::vector<std::string_view>> {
    std::vector<std::string_view> items;
    for (const ItemId id : ids) {
      const auto item = dictionary_.Bytes(id);
      if (!item) return std::unexpected(item.error());
      items.push_back(*item);
    }
    return items;
  });
}

// A row is item and tail one after the other, and protobuf parses a concatenation as it parses the parts: an item that
// is in the dictionary did parse, so only the tail is left to try.
std::optional<RowFault> SoftwareTable::FindFault(const Rows& rows) {
  v1::Software tail;
  items_.clear();
  items_.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() > kMaxRowBytes) return RowFault{i, "row is over the limit of " + std::to_string(kMaxRowBytes)};
    const auto split = SplitRowBytes(rows[i]);
    if (!split) return RowFault{i, split.error().message};
    if (!IsOnlyATime(split->tail) && !tail.ParseFromArray(split->tail.data(), static_cast<int>(split->tail.size()))) {
      return RowFault{i, "the machine's fields do not parse as daicho.v1.Software"};
    }
    items_.push_back(split->item);
  }
  const auto fault = dictionary_.Check(items_, checked_);
  return fault ? fault : FindTwin(rows);
}

std::optional<RowFault> SoftwareTable::FindTwin(const Rows& rows) const {
  std::vector<std::pair<std::uint64_t, std::size_t>> keys;
  keys.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) keys.emplace_back(checked_[i].key_hash, i);
  std::sort(keys.begin(), keys.end());
  const SectionType& type = *FindSection("software");
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (keys[i].first != keys[i - 1].first) continue;
    const auto one = ParseRow(type, rows[keys[i - 1].second]);
    const auto other = ParseRow(type, rows[keys[i].second]);
    if (one && other && RowKey(type, **one) != RowKey(type, **other)) continue;
    return RowFault{keys[i].second, "another row has the same key"};
  }
  return std::nullopt;
}

Result<SoftwareTable::StoredTails> SoftwareTable::PackTails(std::int64_t device, std::span<const ItemId> ids,
                                                            std::span<const std::string_view> tails) {
  const auto before = ReadSoftwarePeriod(connection_, device);
  if (!before && !connection_.ok()) return std::unexpected(before.error());
  // Damaged tails of the past must not keep the present from being stored.
  if (!before || !*before) return StoredTails{std::nullopt, EncodeTails(tails, sets_.tail_coding())};
  std::string patch = EncodePatch(ids, tails, (*before)->whole(), sets_.tail_coding());
  if (patch.size() < (*before)->whole_size / kPatchPart) return StoredTails{(*before)->whole_id, std::move(patch)};
  return StoredTails{std::nullopt, EncodeTails(tails, sets_.tail_coding())};
}

Status SoftwareTable::Replace(std::int64_t device, const Rows& rows, UnixTime at) {
  if (const Status added = dictionary_.Add(items_, checked_); !added) {
    // An item that cannot be kept is the report's fault, all else the engine's.
    if (added.error().code != Code::kInvalidArgument) connection_.Record(added.error(), false);
    return added;
  }
  std::vector<std::pair<ItemId, std::string_view>> entries;
  entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    entries.emplace_back(checked_[i].id, std::string_view(rows[i]).substr(items_[i].size()));
  }
  std::sort(entries.begin(), entries.end());
  std::vector<ItemId> ids;
  std::vector<std::string_view> tails;
  for (const auto& [id, tail] : entries) {
    ids.push_back(id);
    tails.push_back(tail);
  }
  const auto set = sets_.FindOrAddSet(EncodeItems(ids), ids.size());
  const auto stored = PackTails(device, ids, tails);
  for (const Status& done :
       {set ? Status() : std::unexpected(set.error()), stored ? Status() : std::unexpected(stored.error())}) {
    if (done) continue;
    connection_.Record(done.error(), false);
    return done;
  }
  connection_.Run("UPDATE software_period SET valid_to = ?2 WHERE device = ?1 AND valid_to IS NULL", device, at);
  connection_.Run("INSERT INTO software_period (device, set_id, valid_from, base, tails) VALUES (?1, ?2, ?3, ?4, ?5)",
                  device, *set, at, stored->base, Blob{stored->tails});
  return connection_.status();
}

}  // namespace daicho::collector
