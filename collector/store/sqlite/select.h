// Runs SQL that other people wrote, on a read-only connection: one SELECT on the views and nothing else.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/forbidden_name.h"
#include "collector/store/sqlite/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

using Deadline = std::chrono::steady_clock::time_point;

// Store::Select on a borrowed connection. `views` are the names that may be read, in lower case. `deadline` is where
// request.limit_ms ends; waiting for the connection counts.
Status SelectOnViews(SqliteConnection& connection, const SqlNames& views, const SelectRequest& request,
                     std::optional<Deadline> deadline, const RowSink& sink, std::vector<std::string>* columns_out);

}  // namespace daicho::collector
