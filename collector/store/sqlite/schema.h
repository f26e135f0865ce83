// The schema of an SQLite store: numbered migrations and the views, embedded from schema/*.sql at build time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collector/store/sqlite/connection.h"

namespace daicho::collector {

// PRAGMA application_id of a store: "Dcho".
inline constexpr int kApplicationId = 0x4463686f;

// Migration n (from 1) takes schema n-1 to n.
std::span<const char* const> Migrations();
const char* ViewsSql();

// Brings the database to this build's schema, each migration in a transaction of its own, and its views up to date.
// kFailedPrecondition: written by a newer Daicho; kDataLoss: another program's database.
Status PrepareSchema(SqliteConnection& connection);

// Names of the views, in lower case.
Result<std::vector<std::string>> ViewNames(SqliteConnection& connection);

}  // namespace daicho::collector
