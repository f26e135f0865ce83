// Runs SQL that other people wrote, on a session that reads: one SELECT on the views and nothing else, row by row.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/postgres/link.h"
#include "collector/store/postgres/view_sql.h"
#include "collector/store/store.h"

namespace daicho::collector {

// A session for SELECTs. Threads: one at a time.
class PostgresReader {
 public:
  // As PostgresLink::Open.
  static Result<std::unique_ptr<PostgresReader>> Open(const std::string& url);

  // Store::Select. `deadline` is where request.limit_ms ends; waiting for the session counts.
  Status Select(const SelectRequest& request, std::optional<std::chrono::steady_clock::time_point> deadline,
                const RowSink& sink, std::vector<std::string>* columns_out);

  bool ok() const { return !link_.is_lost(); }
  // As Connection::is_lost.
  bool is_lost() const { return link_.is_lost() || link_.has_unasked_words(); }

 private:
  PostgresReader(PostgresLink link, ViewSqlNames names) : link_(std::move(link)), names_(std::move(names)) {}
  // `limits`: SET LOCAL …, or nothing.
  Status Send(const ViewSql& made, const std::string& limits);
  Status Receive(const ViewSql& made, const SelectRequest& request,
                 std::optional<std::chrono::steady_clock::time_point> deadline, const RowSink& sink,
                 std::vector<std::string>* columns_out);
  Error ErrorOf(const pg_result* result, const ViewSql& made, const SelectRequest& request) const;

  PostgresLink link_;
  ViewSqlNames names_;
};

}  // namespace daicho::collector
