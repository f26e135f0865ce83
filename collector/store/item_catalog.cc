#include "collector/store/item_catalog.h"

#include <algorithm>
#include <tuple>

#include "collector/store/dictionary.h"
#include "common/version_order.h"

namespace daicho::collector {

const v1::Software* CatalogItems::Find(ItemId id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second.software;
}

void CatalogItems::Add(ItemId id, std::string_view bytes) {
  const auto [place, fresh] = entries_.try_emplace(id);
  if (!fresh) return;
  v1::Software& software = place->second.software;
  software.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  place->second.version_key = VersionKey(software.manager(), software.version());
  ranked_ = false;
}

void CatalogItems::Rank() {
  if (ranked_) return;
  std::vector<Entry*> order;
  order.reserve(entries_.size());
  for (auto& [id, entry] : entries_) order.push_back(&entry);
  std::ranges::sort(order, {}, [](const Entry* entry) {
    return std::tie(entry->software.name(), entry->software.architecture(), entry->version_key,
                    entry->software.manager());
  });
  std::uint32_t rank = 0;
  for (Entry* entry : order) entry->rank = rank++;
  ranked_ = true;
}

Result<std::shared_ptr<const CatalogItems>> ItemCatalog::Load(Connection& connection, std::span<const ItemId> ids) {
  const std::lock_guard lock(mutex_);
  const auto is_missing = [this](ItemId id) { return items_->Find(id) == nullptr; };
  if (std::ranges::none_of(ids, is_missing)) return items_;
  auto more = std::make_shared<CatalogItems>(*items_);
  for (const ItemId id : ids) {
    if (more->Find(id) != nullptr) continue;
    const auto bytes = ItemBytes(connection, id);
    if (!bytes) return std::unexpected(bytes.error());
    more->Add(id, *bytes);
  }
  items_ = more;
  return items_;
}

Result<std::shared_ptr<const CatalogItems>> ItemCatalog::LoadAll(Connection& connection) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<CatalogItems> more;
  Query newer = connection.Ask("SELECT id, item FROM software_item WHERE id > ?1 ORDER BY id",
                               std::int64_t{items_->complete_to_});
  while (newer.Next()) {
    if (!more) more = std::make_shared<CatalogItems>(*items_);
    more->complete_to_ = static_cast<ItemId>(newer.Int(0));
    more->Add(more->complete_to_, newer.Bytes(1));
  }
  if (!connection.ok()) return std::unexpected(connection.status().error());
  if (!more && items_->ranked_) return items_;
  if (!more) more = std::make_shared<CatalogItems>(*items_);
  more->Rank();
  items_ = more;
  return items_;
}

void ItemCatalog::Clear() {
  const std::lock_guard lock(mutex_);
  items_ = std::make_shared<const CatalogItems>();
}

}  // namespace daicho::collector
