#include "collector/store/sqlite/schema.h"

namespace daicho::collector {

namespace {

// PRAGMA application_id of a store: "Dcho".
constexpr std::int64_t kApplicationId = 0x4463686f;
constexpr const char* kMark = "\nPRAGMA application_id = 1147365487;\n";

std::int64_t Number(Connection& connection, std::string_view sql) {
  Query query = connection.Ask(sql);
  return query.Next() ? query.Int(0) : 0;
}

Result<std::string> DropViews(Connection& connection) {
  const auto names = SqliteViewNames(connection);
  if (!names) return std::unexpected(names.error());
  std::string script;
  for (const std::string& name : *names) script += "DROP VIEW \"" + name + "\";\n";
  return script;
}

}  // namespace

Result<std::int64_t> SqliteSchemaVersion(Connection& connection) {
  const std::int64_t application = Number(connection, "PRAGMA application_id");
  const std::int64_t objects = Number(connection, "SELECT count(*) FROM sqlite_schema");
  if (const Status status = connection.status(); !status) return std::unexpected(status.error());
  if (application == 0 && objects == 0) return 0;
  if (application != kApplicationId) {
    return Fail(Code::kDataLoss, connection.name() + ": this is a database of another program; name another file");
  }
  Query version = connection.Ask("SELECT value FROM store_meta WHERE key = 'schema'");
  if (!version.Next()) {
    return Fail(Code::kDataLoss, connection.name() + ": has no schema version; restore it from a backup");
  }
  return version.Int(0);
}

Result<std::vector<std::string>> SqliteViewNames(Connection& connection) {
  std::vector<std::string> names;
  Query query = connection.Ask("SELECT lower(name) FROM sqlite_schema WHERE type = 'view' ORDER BY name");
  while (query.Next()) names.emplace_back(query.Text(0));
  if (const Status status = connection.status(); !status) return std::unexpected(status.error());
  return names;
}

Status CheckSqliteSchema(Connection& connection) {
  const auto version = SqliteSchemaVersion(connection);
  if (!version) return std::unexpected(version.error());
  return CheckSchema(connection, *version, SqliteMigrations().size());
}

Status PrepareSqliteSchema(Connection& connection, bool create) {
  const auto version = SqliteSchemaVersion(connection);
  if (!version) return std::unexpected(version.error());
  if (*version == 0 && !create) {
    return Fail(Code::kDataLoss, connection.name() + ": is empty, the ledger in it is lost; restore a backup");
  }
  return PrepareSchema(connection,
                       {.migrations = SqliteMigrations(),
                        .views = SqliteViewsSql(),
                        .drop_views = DropViews,
                        .in_each_migration = kMark},
                       *version);
}

}  // namespace daicho::collector
