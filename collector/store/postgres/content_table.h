// Items and sets on PostgreSQL, where several collectors add the same ones at once.
//
// They are added through a session of their own, each statement a transaction: nobody holds one while waiting for
// another, so collectors cannot end each other by a deadlock; within a statement they go in the order of their names.
// These transactions do not wait for the disk: what points to an item or a set is committed after it, and the log of
// the server has no gap, so where that is on disk, this is. What a failed report leaves behind is collected later.
// Threads: one at a time.
#pragma once

#include <memory>
#include <string>

#include "collector/store/content_table.h"
#include "collector/store/postgres/connection.h"

namespace daicho::collector {

class PostgresContentTable final : public ContentTable {
 public:
  explicit PostgresContentTable(std::unique_ptr<PostgresConnection> connection) : connection_(std::move(connection)) {}

  TailCoding tail_coding() const override { return TailCoding::kPlain; }
  Result<std::vector<ItemId>> FindOrAddItems(std::span<const UnknownItem> items) override;
  Result<std::int64_t> FindOrAddSet(std::string_view encoded_items, std::size_t count) override;
  bool is_lost() const override { return connection_->is_lost(); }

 private:
  // Takes the connection's error, so that the next call starts anew.
  std::unexpected<Error> TakeError();

  std::unique_ptr<PostgresConnection> connection_;
};

}  // namespace daicho::collector
