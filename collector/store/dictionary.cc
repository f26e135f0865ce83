#include "collector/store/dictionary.h"

#include "common/delta.h"
#include "common/sections.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

namespace {

// About what an entry costs in both maps besides its bytes.
constexpr std::size_t kEntryOverhead = 160;

const SectionType& SoftwareType() {
  static const SectionType& type = *FindSection("software");
  return type;
}

std::uint64_t KeyHash(const google::protobuf::Message& software) {
  return std::hash<std::string>()(RowKey(SoftwareType(), software));
}

}  // namespace

std::int64_t ItemHash(std::string_view item) {
  std::uint64_t hash = 0;
  const std::string digest = Sha256(item);
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8 | static_cast<std::uint8_t>(digest[i]);
  return static_cast<std::int64_t>(hash);
}

Result<std::string> ItemBytes(Connection& connection, ItemId id) {
  Query query = connection.Ask("SELECT item FROM software_item WHERE id = ?1", std::int64_t{id});
  if (query.Next()) return std::string(query.Bytes(0));
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return Fail(Code::kDataLoss, connection.name() + ": software item " + std::to_string(id) + " is missing");
}

Dictionary::Item Dictionary::Remember(ItemId id, std::string_view item, std::uint64_t key_hash) {
  const auto [place, fresh] = by_id_.try_emplace(id);
  if (!fresh) return place->second->AsItem(id);
  place->second = std::make_unique<const Entry>(Entry{std::string(item), key_hash});
  const Item known = place->second->AsItem(id);
  by_bytes_.emplace(known.bytes, known);
  bytes_ += item.size() + kEntryOverhead;
  uncommitted_.push_back(id);
  return known;
}

std::optional<RowFault> Dictionary::Check(std::span<const std::string_view> items, std::span<Item> found) {
  std::size_t beside = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (found[i].id != 0) continue;
    while (beside < last_.size() && last_[beside].bytes < items[i]) ++beside;
    if (beside < last_.size() && last_[beside].bytes == items[i]) {
      found[i] = last_[beside];
      continue;
    }
    if (const auto known = by_bytes_.find(items[i]); known != by_bytes_.end()) {
      found[i] = known->second;
      continue;
    }
    const auto parsed = ParseRow(SoftwareType(), items[i]);
    if (!parsed) return RowFault{i, parsed.error().message};
    found[i].key_hash = KeyHash(**parsed);
  }
  return std::nullopt;
}

Status Dictionary::Add(std::span<const std::string_view> items, std::span<Item> found) {
  std::vector<v1::Software> messages;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (found[i].id != 0) continue;
    places.push_back(i);
    messages.emplace_back().ParseFromArray(items[i].data(), static_cast<int>(items[i].size()));
  }
  if (!places.empty()) {
    std::vector<UnknownItem> unknown;
    for (std::size_t n = 0; n < places.size(); ++n) unknown.push_back({items[places[n]], &messages[n]});
    const auto ids = table_.FindOrAddItems(unknown);
    if (!ids) return std::unexpected(ids.error());
    for (std::size_t n = 0; n < places.size(); ++n) {
      found[places[n]] = Remember((*ids)[n], items[places[n]], found[places[n]].key_hash);
    }
  }
  last_.assign(found.begin(), found.end());
  return {};
}

Result<Dictionary::Item> Dictionary::Find(ItemId id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second->AsItem(id);
  const auto item = ItemBytes(connection_, id);
  if (!item) return std::unexpected(item.error());
  const auto parsed = ParseRow(SoftwareType(), *item);
  if (!parsed) {
    return Fail(Code::kDataLoss, connection_.name() + ": software item " + std::to_string(id) + " is damaged");
  }
  return Remember(id, *item, KeyHash(**parsed));
}

void Dictionary::Forget(std::size_t mark) {
  if (uncommitted_.size() > mark) last_.clear();
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
  last_.clear();
  by_bytes_.clear();
  by_id_.clear();
  bytes_ = 0;
}

}  // namespace daicho::collector
