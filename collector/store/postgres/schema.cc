#include "collector/store/postgres/schema.h"

namespace daicho::collector {

namespace {

// pg_advisory_lock: "Dcho".
constexpr const char* kLock = "SELECT pg_advisory_lock(1147365487)";
constexpr const char* kUnlock = "SELECT pg_advisory_unlock(1147365487)";

// Version of the schema; 0: nothing there.
Result<std::int64_t> SchemaVersion(Connection& connection) {
  bool there = false;
  {
    Query tables = connection.Ask(
        "SELECT count(*), count(*) FILTER (WHERE tablename = 'store_meta') FROM pg_tables WHERE schemaname = 'daicho'");
    if (!tables.Next()) return std::unexpected(connection.status().error());
    if (tables.Int(0) > 0 && tables.Int(1) == 0) {
      return Fail(Code::kDataLoss, connection.name() +
                                       ": its schema \"daicho\" is of another program; name another "
                                       "database");
    }
    there = tables.Int(1) > 0;
  }
  if (!there) return 0;
  Query version = connection.Ask("SELECT CAST(value AS bigint) FROM store_meta WHERE key = 'schema'");
  if (version.Next()) return version.Int(0);
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return Fail(Code::kDataLoss, connection.name() + ": has no schema version; restore it from a backup");
}

// Without CASCADE for the views: somebody's own view on ours must not vanish by an update.
Result<std::string> DropViews(Connection& connection) {
  std::string script;
  Query drops = connection.Ask(
      "SELECT 'DROP VIEW ' || string_agg(format('daicho_view.%I', viewname), ', ') || ';' FROM pg_views "
      "WHERE schemaname = 'daicho_view' UNION ALL "
      "SELECT format('DROP ROUTINE %s CASCADE;', p.oid::regprocedure) FROM pg_proc AS p "
      "WHERE p.pronamespace = 'daicho_view'::regnamespace AND p.prokind = 'a' UNION ALL "
      "SELECT format('DROP ROUTINE %s CASCADE;', p.oid::regprocedure) FROM pg_proc AS p "
      "WHERE p.pronamespace = 'daicho_view'::regnamespace AND p.prokind <> 'a'");
  while (drops.Next()) script += std::string(drops.Text(0)) + "\n";
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return script + "SET LOCAL search_path = daicho_view, daicho;\n";
}

// A role that may not make schemas is refused even where one is there (IF NOT EXISTS), so it is not asked to.
Status MakeMissingSchemas(Connection& connection) {
  std::string script;
  Query missing = connection.Ask(
      "SELECT 'CREATE SCHEMA ' || name || '; ' FROM unnest(ARRAY['daicho', 'daicho_view']) AS s(name) "
      "WHERE to_regnamespace(name) IS NULL");
  while (missing.Next()) script += missing.Text(0);
  if (!connection.ok()) return connection.status();
  return script.empty() ? Status() : connection.Script(script);
}

std::unexpected<Error> NoLedger(const Connection& connection) {
  return Fail(
      Code::kNotFound,
      connection.name() + ": there is no ledger in it; restore the database (pg_restore), or name the one that has it");
}

// Only a server that waits for its disk keeps the promise that an acknowledged report is on disk, and only a database
// that can have every character takes every report.
Status CheckPromises(Connection& connection) {
  Query settings = connection.Ask("SELECT current_setting('fsync'), current_setting('server_encoding')");
  if (!settings.Next()) return connection.status();
  if (settings.Text(0) != "on") {
    return Fail(Code::kFailedPrecondition,
                connection.name() + ": the server runs with fsync = off and may lose what it acknowledged; set it on");
  }
  if (settings.Text(1) == "UTF8") return {};
  return Fail(Code::kFailedPrecondition, connection.name() + ": the encoding of the database is " +
                                             std::string(settings.Text(1)) +
                                             ", which has not every character; make one with createdb --template "
                                             "template0 --encoding UTF8");
}

Status Prepare(Connection& connection, bool create) {
  const auto version = SchemaVersion(connection);
  if (!version) return std::unexpected(version.error());
  if (*version == 0 && !create) return NoLedger(connection);
  if (auto made = MakeMissingSchemas(connection); !made) return made;
  return PrepareSchema(
      connection, {.migrations = PostgresMigrations(), .views = PostgresViewsSql(), .drop_views = DropViews}, *version);
}

}  // namespace

Status PreparePostgresSchema(Connection& connection, bool create) {
  if (auto keeps = CheckPromises(connection); !keeps) return keeps;
  connection.Ask(kLock).Next();
  Status done = connection.status();
  if (done) done = Prepare(connection, create);
  connection.ClearError();
  connection.Ask(kUnlock).Next();
  return done ? connection.status() : done;
}

Status CheckPostgresSchema(Connection& connection) {
  const auto version = SchemaVersion(connection);
  if (!version) return std::unexpected(version.error());
  if (*version == 0) return NoLedger(connection);
  return CheckSchema(connection, *version, PostgresMigrations().size());
}

Result<RelationNames> PostgresRelationNames(Connection& connection) {
  RelationNames names;
  Query relations = connection.Ask(
      "SELECT DISTINCT lower(c.relname::text), n.nspname = 'daicho_view' FROM pg_class AS c "
      "JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'S')");
  while (relations.Next()) {
    (relations.Int(1) != 0 ? names.views : names.others).emplace_back(relations.Text(0));
  }
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return names;
}

}  // namespace daicho::collector
