#include "collector/store/ledger_store.h"
#include "collector/store/postgres/connection.h"
#include "collector/store/postgres/content_table.h"
#include "collector/store/postgres/schema.h"
#include "collector/store/postgres/select.h"
#include "collector/store/postgres_store.h"

namespace daicho::collector {

namespace {

// As in the SQLite store.
constexpr std::size_t kSelectConnections = 4;
constexpr std::size_t kForeignConnections = 2;

// A commit returns when it is on disk, and on the synchronous standby where there is one; one that waits for longer is
// an error, and the agents come again. What one of several collectors holds does not hold up the others for ever.
constexpr const char* kWriterSetup =
    "SET synchronous_commit = on; SET lock_timeout = 10000; SET idle_in_transaction_session_timeout = 60000;";
constexpr const char* kContentSetup = "SET synchronous_commit = off;";
constexpr const char* kLookupSetup = "SET default_transaction_read_only = on;";

// Agents wait for 30 s: one that comes in behind a commit that gets no answer is told of it, too, when the next session
// has been tried.
constexpr std::chrono::seconds kWriteLimit(15);
constexpr std::chrono::seconds kReadLimit(30);

Result<std::unique_ptr<LedgerStore::Writer>> OpenPostgresWriter(const std::string& url) {
  auto connection = PostgresConnection::Open(url, std::string(kTablesPath) + kWriterSetup, kWriteLimit);
  if (!connection) return std::unexpected(connection.error());
  auto contents = PostgresConnection::Open(url, std::string(kTablesPath) + kContentSetup, kWriteLimit);
  if (!contents) return std::unexpected(contents.error());
  return std::make_unique<LedgerStore::Writer>(std::move(*connection),
                                               std::make_unique<PostgresContentTable>(std::move(*contents)));
}

class PostgresStore final : public LedgerStore {
 public:
  PostgresStore(const std::string& url, OpenWriter open_writer)
      : LedgerStore(
            std::move(open_writer),
            [url] { return PostgresConnection::Open(url, std::string(kTablesPath) + kLookupSetup, kReadLimit); }),
        selects_(kSelectConnections, [url] { return PostgresReader::Open(url); }),
        foreign_selects_(kForeignConnections, [url] { return PostgresReader::Open(url); }) {}

  Status Select(const SelectRequest& request, const RowSink& sink,
                std::vector<std::string>* columns_out) const override {
    std::optional<std::chrono::steady_clock::time_point> deadline;
    if (request.limit_ms) deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(*request.limit_ms);
    const auto reader = request.foreign ? foreign_selects_.Borrow(deadline) : selects_.Borrow();
    if (!reader) return std::unexpected(reader.error());
    return (*reader)->Select(request, deadline, sink, columns_out);
  }

 private:
  mutable ConnectionPool<PostgresReader> selects_;
  mutable ConnectionPool<PostgresReader> foreign_selects_;
};

}  // namespace

Result<std::unique_ptr<Store>> OpenPostgresStore(const std::string& url, bool create) {
  // No time limit: a migration of a large ledger takes what it takes.
  const auto connection = PostgresConnection::Open(url, kTablesPath);
  if (!connection) return std::unexpected(connection.error());
  if (const Status ready = PreparePostgresSchema(**connection, create); !ready) return std::unexpected(ready.error());
  (*connection)->Do("DELETE FROM store_meta WHERE key = ?1", kUnfinishedMove);  // from now on it is in use
  if (const Status used = (*connection)->status(); !used) return std::unexpected(used.error());
  return std::make_unique<PostgresStore>(url, [url] { return OpenPostgresWriter(url); });
}

Result<std::unique_ptr<Store>> OpenPostgresStoreToRead(const std::string& url) {
  const auto connection = PostgresConnection::Open(url, std::string(kTablesPath) + kLookupSetup, kReadLimit);
  if (!connection) return std::unexpected(connection.error());
  if (const Status known = CheckPostgresSchema(**connection); !known) return std::unexpected(known.error());
  return std::make_unique<PostgresStore>(
      url, [name = (*connection)->name()]() -> Result<std::unique_ptr<LedgerStore::Writer>> {
        return Fail(Code::kFailedPrecondition, name + " was opened to be read only");
      });
}

}  // namespace daicho::collector
