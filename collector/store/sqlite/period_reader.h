// Reads what a software_period has, for the table-valued function (set_table.h).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "collector/store/set_codec.h"

struct sqlite3;
struct sqlite3_stmt;

namespace daicho::collector {

// Two prepared statements on a connection. Threads: as the connection.
class PeriodReader {
 public:
  // kInternal: the schema is not that of a store.
  static Result<std::unique_ptr<PeriodReader>> Make(sqlite3* handle);

  struct Set {
    std::int64_t id = 0;
    std::vector<ItemId> ids;  // empty for a period that does not exist
  };
  // Decodes the period's set, unless `set` holds it already. kDataLoss.
  Status ReadSet(std::int64_t period, Set& set);

  // Tails of the period, in the order of `ids`, which are those of its set. kDataLoss.
  Result<std::vector<std::string>> ReadTails(std::int64_t period, std::span<const ItemId> ids);
  Result<std::string> ReadTail(std::int64_t period, std::span<const ItemId> ids, std::size_t position);

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;
  struct Blobs {
    bool has_base = false;
    std::string tails;
    std::string base_items;
    std::string base_tails;
  };
  PeriodReader(Statement sets, Statement tails) : sets_(std::move(sets)), tails_(std::move(tails)) {}
  Result<Blobs> ReadBlobs(std::int64_t period);

  Statement sets_;
  Statement tails_;
};

}  // namespace daicho::collector
