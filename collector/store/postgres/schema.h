// The schema of a PostgreSQL store: tables in the schema "daicho", views in "daicho_view".
#pragma once

#include <string>
#include <vector>

#include "collector/store/schema.h"

namespace daicho::collector {

// SET search_path of a connection that works on the tables.
inline constexpr const char* kTablesPath = "SET search_path = daicho, daicho_view; ";
// Of one that reads the views.
inline constexpr const char* kViewsPath = "SET search_path = daicho_view; ";

// As PrepareSqliteSchema. `create`: begin in an empty database. kNotFound: nothing there and not `create`;
// kDataLoss: a schema "daicho" of another program; kFailedPrecondition: a server or a database that cannot keep what a
// ledger promises (fsync = off, not UTF-8). Collectors that start at once wait for each other.
Status PreparePostgresSchema(Connection& connection, bool create);

// Key in store_meta from when LedgerMove makes the tables until it has ended, or until somebody opens them to write
// (OpenPostgresStore): what has it may be dropped, and nothing else.
inline constexpr const char* kUnfinishedMove = "unfinished_move";

// As CheckSqliteSchema. kNotFound: no ledger there.
Status CheckPostgresSchema(Connection& connection);

// Names of the views, and of every other relation (tables, catalogues, …), in lower case.
struct RelationNames {
  std::vector<std::string> views;
  std::vector<std::string> others;
};
Result<RelationNames> PostgresRelationNames(Connection& connection);

// The scripts alone, of embedded_postgres_schema.cc.
std::span<const char* const> PostgresMigrations();
const char* PostgresViewsSql();

}  // namespace daicho::collector
