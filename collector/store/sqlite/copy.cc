#include "collector/store/sqlite/connection.h"
#include "collector/store/sqlite/schema.h"
#include "collector/store/sqlite_store.h"

namespace daicho::collector {

namespace {

std::int64_t Count(Connection& connection, std::string_view sql) {
  Query query = connection.Ask(sql);
  return query.Next() ? query.Int(0) : 0;
}

}  // namespace

// VACUUM INTO reads in one transaction, so writers go on beside it, and leaves out what was deleted.
Status CopySqliteStore(const std::string& path, const std::string& into) {
  const auto from = SqliteConnection::Open(path, OpenMode::kReadOnly);
  if (!from) return std::unexpected(from.error());
  if (auto ready = (*from)->Script("PRAGMA busy_timeout = 5000; PRAGMA temp_store = MEMORY;"); !ready) return ready;
  const auto version = SqliteSchemaVersion(**from);
  if (!version) return std::unexpected(version.error());
  if (*version == 0) {
    return Fail(Code::kDataLoss, (*from)->name() + ": is empty, the ledger in it is lost; restore a backup");
  }
  (*from)->Do("VACUUM INTO ?1", into);
  return (*from)->status();
}

Result<LedgerCounts> CountSqliteStore(const std::string& path) {
  const auto opened = SqliteConnection::Open(path, OpenMode::kImmutable);
  if (!opened) return std::unexpected(opened.error());
  Connection& connection = **opened;
  const auto version = SqliteSchemaVersion(connection);
  if (!version) return std::unexpected(version.error());
  if (*version == 0) return Fail(Code::kDataLoss, connection.name() + ": is no ledger of Daicho");
  const LedgerCounts counts{.schema = *version,
                            .devices = Count(connection, "SELECT count(*) FROM device_entry"),
                            .section_rows = Count(connection, "SELECT coalesce(sum(row_count), 0) FROM section_state"),
                            .journal_entries = Count(connection, "SELECT count(*) FROM journal_entry")};
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return counts;
}

}  // namespace daicho::collector
