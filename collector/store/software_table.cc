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

class SoftwareChange final : public SectionChange {
 public:
  SoftwareChange(Connection& connection, Dictionary& dictionary, ContentTable& sets, std::int64_t device)
      : connection_(connection), dictionary_(dictionary), sets_(sets), device_(device) {}

  Result<RowViews> Load() override;
  std::optional<RowFault> FindFault(const RowViews& rows) override;
  Status Replace(const RowViews& rows, UnixTime at) override;

 private:
  // Tails as software_period keeps them: whole, or as a patch of an earlier period of the device that has them whole.
  struct StoredTails {
    std::optional<std::int64_t> base;
    std::string tails;
  };

  struct LoadedRow {
    std::string_view row;  // item and tail, one after the other
    Dictionary::Item item;
  };

  // Nothing: no software is held. Asked of the engine once.
  Result<const SoftwarePeriod*> Held();
  // Fills `loaded_`.
  Status JoinRows();
  // What Load() gave is known: fills in `items_` and `checked_` of those of `rows`.
  void Recognise(const RowViews& rows);
  std::optional<RowFault> FindTwin(const RowViews& rows) const;
  Result<StoredTails> PackTails(std::span<const ItemId> ids, std::span<const std::string_view> tails);

  Connection& connection_;
  Dictionary& dictionary_;
  ContentTable& sets_;
  const std::int64_t device_;
  std::optional<Result<std::optional<SoftwarePeriod>>> held_;
  std::string joined_;             // bytes of the rows loaded
  std::vector<LoadedRow> loaded_;  // in the rows' order
  // Items of the rows last asked about, in their order, what is known of them, and which of them were not loaded.
  std::vector<std::string_view> items_;
  std::vector<Dictionary::Item> checked_;
  std::vector<std::size_t> fresh_;
};

Result<const SoftwarePeriod*> SoftwareChange::Held() {
  if (!held_) held_ = ReadSoftwarePeriod(connection_, device_);
  if (!*held_) return std::unexpected(held_->error());
  return **held_ ? &***held_ : nullptr;
}

Result<RowViews> SoftwareChange::Load() {
  if (loaded_.empty()) {
    if (const Status joined = JoinRows(); !joined) return std::unexpected(joined.error());
  }
  RowViews rows;
  rows.reserve(loaded_.size());
  for (const LoadedRow& loaded : loaded_) rows.push_back(loaded.row);
  return rows;
}

Status SoftwareChange::JoinRows() {
  const auto period = Held();
  if (!period) return std::unexpected(period.error());
  if (!*period) return {};
  const ItemTails& held = (*period)->held;
  std::vector<LoadedRow> loaded;
  loaded.reserve(held.ids.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < held.ids.size(); ++i) {
    const auto item = dictionary_.Find(held.ids[i]);
    if (!item) return std::unexpected(item.error());
    loaded.push_back({{}, *item});
    bytes += item->bytes.size() + held.tails[i].size();
  }
  // Room for all at once: what is pointed into is not moved.
  joined_.reserve(bytes);
  for (std::size_t i = 0; i < loaded.size(); ++i) {
    const std::size_t begin = joined_.size();
    joined_.append(loaded[i].item.bytes).append(held.tails[i]);
    loaded[i].row = std::string_view(joined_).substr(begin);
  }
  std::ranges::sort(loaded, {}, &LoadedRow::row);
  loaded_ = std::move(loaded);
  return {};
}

void SoftwareChange::Recognise(const RowViews& rows) {
  items_.assign(rows.size(), {});
  checked_.assign(rows.size(), {});
  fresh_.clear();
  std::size_t next = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto is_next = [&] { return next < loaded_.size() && loaded_[next].row.data() == rows[i].data(); };
    if (!is_next()) {
      while (next < loaded_.size() && loaded_[next].row < rows[i]) ++next;
    }
    if (!is_next()) {
      fresh_.push_back(i);
      continue;
    }
    checked_[i] = loaded_[next++].item;
    items_[i] = checked_[i].bytes;
  }
}

// Protobuf parses a concatenation as it parses the parts: an item that is in the dictionary did parse, so only the tail
// is left to try.
std::optional<RowFault> SoftwareChange::FindFault(const RowViews& rows) {
  Recognise(rows);
  v1::Software tail;
  for (const std::size_t i : fresh_) {
    if (rows[i].size() > kMaxRowBytes) return RowFault{i, "row is over the limit of " + std::to_string(kMaxRowBytes)};
    const auto split = SplitRowBytes(rows[i]);
    if (!split) return RowFault{i, split.error().message};
    if (!IsOnlyATime(split->tail) && !tail.ParseFromArray(split->tail.data(), static_cast<int>(split->tail.size()))) {
      return RowFault{i, "the machine's fields do not parse as daicho.v1.Software"};
    }
    items_[i] = split->item;
  }
  const auto fault = dictionary_.Check(items_, checked_);
  return fault ? fault : FindTwin(rows);
}

// Rows that were loaded are no twins of each other.
std::optional<RowFault> SoftwareChange::FindTwin(const RowViews& rows) const {
  const SectionType& type = *FindSection("software");
  const auto are_twins = [&](std::size_t one, std::size_t other) {
    const auto a = ParseRow(type, rows[one]);
    const auto b = ParseRow(type, rows[other]);
    return !a || !b || RowKey(type, **a) == RowKey(type, **b);
  };
  const auto is_before = [](const auto& one, const auto& other) { return one.first < other.first; };
  std::vector<std::pair<std::uint64_t, std::size_t>> fresh;
  fresh.reserve(fresh_.size());
  for (const std::size_t row : fresh_) fresh.emplace_back(checked_[row].key_hash, row);
  std::sort(fresh.begin(), fresh.end());
  for (std::size_t i = 1; i < fresh.size(); ++i) {
    if (is_before(fresh[i - 1], fresh[i]) || !are_twins(fresh[i - 1].second, fresh[i].second)) continue;
    return RowFault{fresh[i].second, "another row has the same key"};
  }
  auto next_fresh = fresh_.begin();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (next_fresh != fresh_.end() && *next_fresh == row) {
      ++next_fresh;
      continue;
    }
    const auto same = std::pair(checked_[row].key_hash, row);
    const auto place = std::lower_bound(fresh.begin(), fresh.end(), same, is_before);
    if (place == fresh.end() || is_before(same, *place) || !are_twins(row, place->second)) continue;
    return RowFault{place->second, "another row has the same key"};
  }
  return std::nullopt;
}

Result<SoftwareChange::StoredTails> SoftwareChange::PackTails(std::span<const ItemId> ids,
                                                              std::span<const std::string_view> tails) {
  const auto before = Held();
  if (!before && !connection_.ok()) return std::unexpected(before.error());
  // Damaged tails of the past must not keep the present from being stored.
  if (!before || !*before) return StoredTails{std::nullopt, EncodeTails(tails, sets_.tail_coding())};
  std::string patch = EncodePatch(ids, tails, (*before)->whole(), sets_.tail_coding());
  if (patch.size() < (*before)->whole_size / kPatchPart) return StoredTails{(*before)->whole_id, std::move(patch)};
  return StoredTails{std::nullopt, EncodeTails(tails, sets_.tail_coding())};
}

Status SoftwareChange::Replace(const RowViews& rows, UnixTime at) {
  if (const Status added = dictionary_.Add(items_, checked_); !added) {
    // An item that cannot be kept is the report's fault, all else the engine's.
    if (added.error().code != Code::kInvalidArgument) connection_.Record(added.error(), false);
    return added;
  }
  std::vector<std::pair<ItemId, std::string_view>> entries;
  entries.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) entries.emplace_back(checked_[i].id, rows[i].substr(items_[i].size()));
  std::sort(entries.begin(), entries.end());
  std::vector<ItemId> ids;
  std::vector<std::string_view> tails;
  for (const auto& [id, tail] : entries) {
    ids.push_back(id);
    tails.push_back(tail);
  }
  const auto set = sets_.FindOrAddSet(EncodeItems(ids), ids.size());
  const auto stored = PackTails(ids, tails);
  for (const Status& done :
       {set ? Status() : std::unexpected(set.error()), stored ? Status() : std::unexpected(stored.error())}) {
    if (done) continue;
    connection_.Record(done.error(), false);
    return done;
  }
  connection_.Run("UPDATE software_period SET valid_to = ?2 WHERE device = ?1 AND valid_to IS NULL", device_, at);
  connection_.Run("INSERT INTO software_period (device, set_id, valid_from, base, tails) VALUES (?1, ?2, ?3, ?4, ?5)",
                  device_, *set, at, stored->base, Blob{stored->tails});
  return connection_.status();
}

}  // namespace

std::unique_ptr<SectionChange> SoftwareTable::Change(std::int64_t device) {
  return std::make_unique<SoftwareChange>(connection_, dictionary_, sets_, device);
}

Result<Rows> LoadSoftware(Connection& connection, std::int64_t device, std::optional<UnixTime> at, ItemReader& items) {
  const auto period = ReadSoftwarePeriod(connection, device, at);
  if (!period) return std::unexpected(period.error());
  Rows rows;
  if (!*period) return rows;
  const ItemTails& held = (*period)->held;
  const auto bytes = items.Bytes(held.ids);
  if (!bytes) return std::unexpected(bytes.error());
  rows.reserve(held.ids.size());
  for (std::size_t i = 0; i < held.ids.size(); ++i) {
    std::string& row = rows.emplace_back();
    row.reserve((*bytes)[i].size() + held.tails[i].size());
    row.append((*bytes)[i]).append(held.tails[i]);
  }
  OrderRows(rows);
  return rows;
}

}  // namespace daicho::collector
