// The schema of an SQLite store: numbered migrations and the views, embedded from schema/*.sql at build time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "collector/store/schema.h"

namespace daicho::collector {

// Brings the database to this build's schema, each migration in a transaction of its own, and its views up to date.
// `create`: begin in an empty one. kFailedPrecondition: written by a newer Daicho; kDataLoss: another program's
// database, or an empty one and not `create`.
Status PrepareSqliteSchema(Connection& connection, bool create);

// A success if it is this build's schema. kFailedPrecondition: a newer or an older Daicho's; kDataLoss: another
// program's, or none.
Status CheckSqliteSchema(Connection& connection);

// Number of the schema on disk, 0 for an empty database. kDataLoss: another program's database.
Result<std::int64_t> SqliteSchemaVersion(Connection& connection);

// Names of the views, in lower case.
Result<std::vector<std::string>> SqliteViewNames(Connection& connection);

// The scripts alone, of embedded_schema.cc.
std::span<const char* const> SqliteMigrations();
const char* SqliteViewsSql();

}  // namespace daicho::collector
