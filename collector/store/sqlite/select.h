// Runs SQL that other people wrote, on a read-only connection: one SELECT on the views and nothing else.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/store/sqlite/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

using Deadline = std::chrono::steady_clock::time_point;

// Store::Select on a borrowed connection. `views` are the names that may be read, in lower case. `deadline` is where
// request.limit_ms ends; waiting for the connection counts.
Status SelectOnViews(SqliteConnection& connection, const std::set<std::string, std::less<>>& views,
                     const SelectRequest& request, std::optional<Deadline> deadline, const RowSink& sink,
                     std::vector<std::string>* columns_out);

// What is wrong with the names of a statement; empty: nothing.
// A WITH table may not have a view's name: SQLite tells an authorizer only the name of the view that reads a base
// table, and the WITH table would pass for the view. And the store's own tables may not be named at all. `own_tables`
// in lower case.
std::string FindForbiddenName(std::string_view sql, const std::set<std::string, std::less<>>& views,
                              const std::set<std::string, std::less<>>& own_tables);

}  // namespace daicho::collector
