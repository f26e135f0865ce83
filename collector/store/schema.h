// Bringing a database to this build's schema, on any engine. Each migration is a transaction of its own; views hold no
// data, so a build brings its own without a migration. Threads: as the connection.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "collector/store/connection.h"

namespace daicho::collector {

// One engine's scripts, embedded from its schema/*.sql at build time.
struct SchemaScripts {
  std::span<const char* const> migrations;  // number n (from 1) takes schema n-1 to n
  const char* views = "";
  // What makes room for new views.
  std::function<Result<std::string>(Connection& connection)> drop_views;
  const char* in_each_migration = "";  // more statements of the engine
};

// `version`: of the schema on disk, 0 for an empty database. kFailedPrecondition: written by a newer Daicho.
Status PrepareSchema(Connection& connection, const SchemaScripts& scripts, std::int64_t version);

// Whether a schema that nobody may change is the one that this build knows, number `known`. kFailedPrecondition: a
// newer or an older Daicho's; kDataLoss: none (version 0).
Status CheckSchema(const Connection& connection, std::int64_t version, std::size_t known);

}  // namespace daicho::collector
