#include "collector/store/sqlite/schema.h"

#include "common/delta.h"

namespace daicho::collector {

namespace {

std::int64_t Number(SqliteConnection& connection, std::string_view sql) {
  Query query = connection.Ask(sql);
  return query.Next() ? query.Int(0) : 0;
}

// Version of the schema on disk; 0: an empty database.
Result<std::int64_t> SchemaVersion(SqliteConnection& connection) {
  const std::int64_t application = Number(connection, "PRAGMA application_id");
  const std::int64_t objects = Number(connection, "SELECT count(*) FROM sqlite_schema");
  if (const Status status = connection.status(); !status) return std::unexpected(status.error());
  if (application == 0 && objects == 0) return 0;
  if (application != kApplicationId) {
    return Fail(Code::kDataLoss,
                "store " + connection.path() + ": this is a database of another program; name another file");
  }
  Query version = connection.Ask("SELECT value FROM store_meta WHERE key = 'schema'");
  if (!version.Next()) {
    return Fail(Code::kDataLoss, "store " + connection.path() + ": has no schema version; restore it from a backup");
  }
  return version.Int(0);
}

Status RunInTransaction(SqliteConnection& connection, const std::string& script) {
  const Status done = connection.Script("BEGIN IMMEDIATE;\n" + script + "\nCOMMIT;");
  if (!done) static_cast<void>(connection.Script("ROLLBACK"));
  return done;
}

Status Migrate(SqliteConnection& connection, std::size_t version) {
  for (std::size_t next = version + 1; next <= Migrations().size(); ++next) {
    const std::string script = std::string(Migrations()[next - 1]) +
                               "\nPRAGMA application_id = " + std::to_string(kApplicationId) +
                               ";\nINSERT INTO store_meta (key, value) VALUES ('schema', '" + std::to_string(next) +
                               "') ON CONFLICT DO UPDATE SET value = excluded.value;";
    if (const Status done = RunInTransaction(connection, script); !done) return done;
  }
  return {};
}

// Views hold no data, so a build brings its own without a migration.
Status RefreshViews(SqliteConnection& connection) {
  const std::string digest = Hex(Sha256(ViewsSql()));
  {
    Query held = connection.Ask("SELECT value FROM store_meta WHERE key = 'views'");
    if (held.Next() && held.Text(0) == digest) return {};
  }
  const auto names = ViewNames(connection);
  if (!names) return std::unexpected(names.error());
  std::string script;
  for (const std::string& name : *names) script += "DROP VIEW \"" + name + "\";\n";
  script += std::string(ViewsSql()) + "\nINSERT INTO store_meta (key, value) VALUES ('views', '" + digest +
            "') ON CONFLICT DO UPDATE SET value = excluded.value;";
  return RunInTransaction(connection, script);
}

}  // namespace

Result<std::vector<std::string>> ViewNames(SqliteConnection& connection) {
  std::vector<std::string> names;
  Query query = connection.Ask("SELECT lower(name) FROM sqlite_schema WHERE type = 'view' ORDER BY name");
  while (query.Next()) names.emplace_back(query.Text(0));
  if (const Status status = connection.status(); !status) return std::unexpected(status.error());
  return names;
}

Status PrepareSchema(SqliteConnection& connection) {
  const auto version = SchemaVersion(connection);
  if (!version) return std::unexpected(version.error());
  const auto known = static_cast<std::int64_t>(Migrations().size());
  if (*version > known) {
    return Fail(Code::kFailedPrecondition, "store " + connection.path() + " was written by a newer Daicho (schema " +
                                               std::to_string(*version) + ", this build knows " +
                                               std::to_string(known) + "); install that version");
  }
  if (const Status done = Migrate(connection, static_cast<std::size_t>(*version)); !done) return done;
  return RefreshViews(connection);
}

}  // namespace daicho::collector
