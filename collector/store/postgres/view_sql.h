// A SELECT on the views, as VIEWS.md documents it for both engines, made what PostgreSQL runs: parameters get numbers,
// and version_key(manager, 'VERSION'), whose orders only the collector knows, becomes the keys. Pure; thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collector/store/forbidden_name.h"
#include "collector/store/store.h"

namespace daicho::collector {

struct ViewSql {
  std::string sql;
  std::vector<SqlValue> values;  // of $1, $2, …

  // Where byte `offset` of `sql` comes from in the statement that was given.
  std::size_t OriginalOffset(std::size_t offset) const;

  struct Piece {
    std::size_t begin = 0;     // in `sql`
    std::size_t original = 0;  // in the statement given
  };
  std::vector<Piece> pieces;  // ascending
};

struct ViewSqlNames {
  SqlNames views;
  SqlNames others;     // every other relation
  SqlNames functions;  // every function the server has
};

// kInvalidArgument: not one SELECT on the views, a parameter without name or value, version_key of something else than
// a text or parameter; and if it is `foreign`, a function that is not one of those for everybody. The message has the
// place.
Result<ViewSql> MakeViewSql(const std::string& sql, const std::map<std::string, SqlValue>& parameters,
                            const ViewSqlNames& names, bool foreign);

}  // namespace daicho::collector
