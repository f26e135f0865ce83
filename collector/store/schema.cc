#include "collector/store/schema.h"

#include "common/delta.h"

namespace daicho::collector {

namespace {

Status RunInTransaction(Connection& connection, const std::string& script) {
  Status done = connection.Begin();
  connection.Settle();
  if (done) done = connection.Script(script);
  if (done) return connection.CommitOrRollback();
  connection.Rollback();
  return done;
}

std::string NoteSql(const std::string& key, const std::string& value) {
  return "\nINSERT INTO store_meta (key, value) VALUES ('" + key + "', '" + value +
         "') ON CONFLICT (key) DO UPDATE SET value = excluded.value;";
}

Status RefreshViews(Connection& connection, const SchemaScripts& scripts) {
  const std::string digest = Hex(Sha256(scripts.views));
  {
    Query held = connection.Ask("SELECT value FROM store_meta WHERE key = 'views'");
    if (held.Next() && held.Text(0) == digest) return {};
  }
  const auto drop = scripts.drop_views(connection);
  if (!drop) return std::unexpected(drop.error());
  return RunInTransaction(connection, *drop + scripts.views + NoteSql("views", digest));
}

std::unexpected<Error> NewerSchema(const Connection& connection, std::int64_t version, std::size_t known) {
  return Fail(Code::kFailedPrecondition, connection.name() + " was written by a newer Daicho (schema " +
                                             std::to_string(version) + ", this build knows " + std::to_string(known) +
                                             "); install that version");
}

}  // namespace

Status CheckSchema(const Connection& connection, std::int64_t version, std::size_t known) {
  if (version > static_cast<std::int64_t>(known)) return NewerSchema(connection, version, known);
  if (version == static_cast<std::int64_t>(known)) return {};
  if (version == 0) return Fail(Code::kDataLoss, connection.name() + ": there is no ledger in it; restore a backup");
  return Fail(Code::kFailedPrecondition, connection.name() + " was written by an older Daicho (schema " +
                                             std::to_string(version) + ", this build needs " + std::to_string(known) +
                                             "); start this version's collector once, which brings it up to date");
}

Status PrepareSchema(Connection& connection, const SchemaScripts& scripts, std::int64_t version) {
  const auto known = static_cast<std::int64_t>(scripts.migrations.size());
  if (version > known) {
    return NewerSchema(connection, version, scripts.migrations.size());
  }
  for (std::int64_t next = version + 1; next <= known; ++next) {
    const std::string script = std::string(scripts.migrations[static_cast<std::size_t>(next - 1)]) +
                               scripts.in_each_migration + NoteSql("schema", std::to_string(next));
    if (const Status done = RunInTransaction(connection, script); !done) return done;
  }
  return RefreshViews(connection, scripts);
}

}  // namespace daicho::collector
