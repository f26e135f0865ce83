// Items and sets on SQLite: through the writer's connection, within its transaction. Threads: as the connection.
#pragma once

#include "collector/store/content_table.h"
#include "collector/store/sqlite/connection.h"

namespace daicho::collector {

class SqliteContentTable final : public ContentTable {
 public:
  // `connection` must outlive this.
  explicit SqliteContentTable(Connection& connection) : connection_(connection) {}

  TailCoding tail_coding() const override { return TailCoding::kZstd; }
  Result<std::vector<ItemId>> FindOrAddItems(std::span<const UnknownItem> items) override;
  Result<std::int64_t> FindOrAddSet(std::string_view encoded_items, std::size_t count) override;

 private:
  ItemId Find(std::string_view item, std::int64_t hash);
  std::int64_t Add(const UnknownItem& item, std::int64_t hash);

  Connection& connection_;
};

}  // namespace daicho::collector
