#include "collector/store/sqlite/software_table.h"

#include <algorithm>

#include "common/protocol.h"
#include "common/sections.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

// A patch larger than this part of its base is not worth reading two blobs for.
constexpr std::size_t kPatchPart = 4;

// `bytes_of` gives an item's bytes by its number.
template <typename BytesOf>
Result<Rows> JoinRows(Connection& connection, std::int64_t device, const BytesOf& bytes_of) {
  Rows rows;
  Query held = connection.Ask(
      "SELECT x.software_id, x.tail FROM software_period AS p JOIN software_period_items(p.id) AS x "
      "WHERE p.device = ?1 AND p.valid_to IS NULL",
      device);
  while (held.Next()) {
    const auto item = bytes_of(static_cast<ItemId>(held.Int(0)));
    if (!item) return std::unexpected(item.error());
    std::string& row = rows.emplace_back();
    row.reserve(item->size() + held.Bytes(1).size());
    row.append(*item).append(held.Bytes(1));
  }
  OrderRows(rows);
  return rows;
}

}  // namespace

Result<Rows> LoadSoftware(Connection& connection, std::int64_t device) {
  return JoinRows(connection, device, [&](ItemId id) { return ItemBytes(connection, id); });
}

Result<Rows> SoftwareTable::Load(std::int64_t device) {
  return JoinRows(connection_, device, [&](ItemId id) { return dictionary_.Bytes(id); });
}

// A row is item and tail one after the other, and protobuf parses a concatenation as it parses the parts: an item that
// is in the dictionary did parse, so only the tail is left to try.
std::optional<RowFault> SoftwareTable::FindFault(const Rows& rows) {
  v1::Software tail;
  std::vector<std::pair<std::uint64_t, std::size_t>> keys;
  keys.reserve(rows.size());
  checked_.clear();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() > kMaxRowBytes) return RowFault{i, "row is over the limit of " + std::to_string(kMaxRowBytes)};
    const auto split = SplitRowBytes(rows[i]);
    if (!split) return RowFault{i, split.error().message};
    const auto item = dictionary_.Intern(split->item);
    if (!item) return RowFault{i, item.error().message};
    if (!tail.ParseFromArray(split->tail.data(), static_cast<int>(split->tail.size()))) {
      return RowFault{i, "the machine's fields do not parse as daicho.v1.Software"};
    }
    keys.emplace_back(item->key_hash, i);
    checked_.push_back(item->id);
  }
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

std::int64_t SoftwareTable::InternSet(std::span<const ItemId> ids) {
  const std::string items = EncodeItems(ids);
  const std::string name = Sha256(items);
  {
    Query known = connection_.Ask("SELECT id FROM software_set WHERE sha256 = ?1", Blob{name});
    if (known.Next()) return known.Int(0);
  }
  connection_.Do("INSERT INTO software_set (sha256, item_count, items) VALUES (?1, ?2, ?3)", Blob{name},
                 static_cast<std::int64_t>(ids.size()), Blob{items});
  return connection_.LastRowId();
}

SoftwareTable::StoredTails SoftwareTable::PackTails(std::int64_t device, std::span<const ItemId> ids,
                                                    std::span<const std::string_view> tails) {
  std::int64_t base = 0;
  std::size_t base_size = 0;
  {
    Query held = connection_.Ask(
        "SELECT b.id, length(b.tails) FROM software_period AS p JOIN software_period AS b ON b.id = coalesce(p.base, "
        "p.id) "
        "WHERE p.device = ?1 AND p.valid_to IS NULL",
        device);
    if (!held.Next()) return {std::nullopt, EncodeTails(tails)};
    base = held.Int(0);
    base_size = static_cast<std::size_t>(held.Int(1));
  }
  ItemTails before;
  Query items = connection_.Ask("SELECT software_id, tail FROM software_period_items(?1)", base);
  while (items.Next()) {
    before.ids.push_back(static_cast<ItemId>(items.Int(0)));
    before.tails.emplace_back(items.Bytes(1));
  }
  std::string patch = EncodePatch(ids, tails, before);
  if (patch.size() < base_size / kPatchPart) return {base, std::move(patch)};
  return {std::nullopt, EncodeTails(tails)};
}

Status SoftwareTable::Replace(std::int64_t device, const Rows& rows, UnixTime at) {
  std::vector<std::pair<ItemId, std::string_view>> entries;
  entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto split = SplitRowBytes(rows[i]);
    if (!split) return std::unexpected(split.error());
    entries.emplace_back(checked_[i], split->tail);
  }
  std::sort(entries.begin(), entries.end());
  std::vector<ItemId> ids;
  std::vector<std::string_view> tails;
  for (const auto& [id, tail] : entries) {
    ids.push_back(id);
    tails.push_back(tail);
  }
  const std::int64_t set = InternSet(ids);
  const StoredTails stored = PackTails(device, ids, tails);
  connection_.Do("UPDATE software_period SET valid_to = max(valid_from, ?2) WHERE device = ?1 AND valid_to IS NULL",
                 device, at);
  connection_.Do("INSERT INTO software_period (device, set_id, valid_from, base, tails) VALUES (?1, ?2, ?3, ?4, ?5)",
                 device, set, at, stored.base, Blob{stored.tails});
  return connection_.status();
}

}  // namespace daicho::collector
