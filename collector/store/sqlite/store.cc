#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "collector/store/ledger_store.h"
#include "collector/store/sqlite/content_table.h"
#include "collector/store/sqlite/damage.h"
#include "collector/store/sqlite/schema.h"
#include "collector/store/sqlite/select.h"
#include "collector/store/sqlite/set_table.h"
#include "collector/store/sqlite/sql_functions.h"
#include "collector/store/sqlite_store.h"

namespace daicho::collector {

namespace {

// SELECTs may take their time and must not keep devices waiting.
constexpr std::size_t kSelectConnections = 4;
// What viewers ask keeps neither devices nor rules waiting, and this many can be at their memory limit at once.
constexpr std::size_t kForeignConnections = 2;

// A page is looked at as a whole when it is read (cell_size_check): a search in one that is damaged in part would
// otherwise miss rows and say nothing. `mode`: not kReadWrite.
Result<std::unique_ptr<SqliteConnection>> OpenReadOnly(const std::string& path, OpenMode mode) {
  auto connection = SqliteConnection::Open(path, mode);
  if (!connection) return connection;
  Status ready = (*connection)
                     ->Script(
                         "PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; PRAGMA busy_timeout = 5000; "
                         "PRAGMA case_sensitive_like = ON; PRAGMA cell_size_check = ON;");
  if (ready) ready = RegisterSqlFunctions(**connection);
  if (ready) ready = RegisterSetTable(**connection);
  if (!ready) return std::unexpected(ready.error());
  return connection;
}

class SqliteStore final : public LedgerStore {
 public:
  SqliteStore(const std::string& path, OpenMode mode, OpenWriter open_writer, SqlNames views)
      : LedgerStore(std::move(open_writer), [path, mode] { return OpenReadOnly(path, mode); }),
        views_(std::move(views)),
        selects_(kSelectConnections, [path, mode] { return OpenReadOnly(path, mode); }),
        foreign_selects_(kForeignConnections, [path, mode] { return OpenReadOnly(path, mode); }) {}

  Status Select(const SelectRequest& request, const RowSink& sink,
                std::vector<std::string>* columns_out) const override {
    std::optional<Deadline> deadline;
    if (request.limit_ms) deadline = Deadline::clock::now() + std::chrono::milliseconds(*request.limit_ms);
    const auto connection = request.foreign ? foreign_selects_.Borrow(deadline) : selects_.Borrow();
    if (!connection) return std::unexpected(connection.error());
    return SelectOnViews(**connection, views_, request, deadline, sink, columns_out);
  }

 protected:
  Status ProveFiles(Connection& connection) const override {
    return FindDamage(static_cast<SqliteConnection&>(connection), DamageCheck::kComplete);
  }

 private:
  const SqlNames views_;
  mutable ConnectionPool<SqliteConnection> selects_;
  mutable ConnectionPool<SqliteConnection> foreign_selects_;
};

// An empty file with the right mode; the engine would make one that others may read.
Status CreateFile(const std::string& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) {
    ::close(file);
    return {};
  }
  if (errno == EEXIST) return {};
  return Fail(errno == EACCES || errno == EROFS ? Code::kPermissionDenied : Code::kNotFound,
              "store " + path + ": cannot be created: " + std::strerror(errno));
}

Status FindFile(const std::string& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) == 0) return {};
  if (errno == ENOENT) return Fail(Code::kNotFound, "store " + path + ": there is no ledger; restore a backup");
  return Fail(Code::kPermissionDenied, "store " + path + ": " + std::strerror(errno));
}

Status ConfigureWriter(SqliteConnection& connection, const OpenOptions& options) {
  Status ready = connection.Script(
      "PRAGMA busy_timeout = 5000; PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA temp_store = MEMORY; "
      "PRAGMA synchronous = FULL; "
      "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32768; PRAGMA cell_size_check = "
      "ON;");
  if (!ready && ready.error().code == Code::kDataLoss) {
    if (const Status sound = FindDamage(connection, DamageCheck::kQuick); !sound) return sound;
  }
  if (ready) ready = RegisterSqlFunctions(connection);
  if (ready) ready = RegisterSetTable(connection);
  if (ready && options.check) ready = FindDamage(connection, DamageCheck::kQuick);
  if (ready) ready = PrepareSqliteSchema(connection, options.create);
  return ready;
}

// A ledger whose folder nobody may write to has no room for the file that readers and writers meet in (PRAGMA
// journal_mode = WAL). Then nobody writes it either, and it is read as it lies there; unless a log lies beside it, in
// which what was committed last is.
Result<OpenMode> HowToRead(const std::string& path) {
  const auto is_readable = [&](OpenMode mode) -> Status {
    const auto connection = SqliteConnection::Open(path, mode);
    if (!connection) return std::unexpected(connection.error());
    (*connection)->Ask("SELECT count(*) FROM sqlite_schema").Next();
    return (*connection)->status();
  };
  const Status shared = is_readable(OpenMode::kReadOnly);
  if (shared || shared.error().code != Code::kPermissionDenied) return OpenMode::kReadOnly;
  struct stat log{};
  if (::stat((path + "-wal").c_str(), &log) == 0 && log.st_size > 0) {
    return Fail(Code::kPermissionDenied, shared.error().message + "; with its log " + path +
                                             "-wal it can be read only where its folder may be written to: copy both");
  }
  if (const Status alone = is_readable(OpenMode::kImmutable); !alone) return std::unexpected(alone.error());
  return OpenMode::kImmutable;
}

Result<std::unique_ptr<Store>> OpenToRead(const std::string& path) {
  if (const Status there = FindFile(path); !there) return std::unexpected(there.error());
  const auto mode = HowToRead(path);
  if (!mode) return std::unexpected(mode.error());
  auto connection = OpenReadOnly(path, *mode);
  if (!connection) return std::unexpected(connection.error());
  Status known = CheckSqliteSchema(**connection);
  Result<std::vector<std::string>> names;
  if (known) {
    names = SqliteViewNames(**connection);
    if (!names) known = std::unexpected(names.error());
  }
  if (!known && known.error().code == Code::kDataLoss) {
    (*connection)->ClearError();
    if (const Status sound = FindDamage(**connection, DamageCheck::kComplete); !sound) known = sound;
  }
  if (!known) return std::unexpected(known.error());
  const auto no_writer = [path]() -> Result<std::unique_ptr<LedgerStore::Writer>> {
    return Fail(Code::kFailedPrecondition, "store " + path + " was opened to be read only");
  };
  return std::make_unique<SqliteStore>(path, *mode, no_writer, SqlNames(names->begin(), names->end()));
}

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const OpenOptions& options) {
  if (options.read_only) return OpenToRead(path);
  if (const Status there = options.create ? CreateFile(path) : FindFile(path); !there) {
    return std::unexpected(there.error());
  }
  auto writer = SqliteConnection::Open(path, OpenMode::kReadWrite);
  if (!writer) return std::unexpected(writer.error());
  if (const Status ready = ConfigureWriter(**writer, options); !ready) return std::unexpected(ready.error());
  const auto names = SqliteViewNames(**writer);
  if (!names) return std::unexpected(names.error());
  // Opened once: the file's connection is never lost.
  const auto open_writer = [opened = std::make_shared<std::unique_ptr<SqliteConnection>>(
                                std::move(*writer))]() -> Result<std::unique_ptr<LedgerStore::Writer>> {
    auto contents = std::make_unique<SqliteContentTable>(**opened);
    return std::make_unique<LedgerStore::Writer>(std::move(*opened), std::move(contents));
  };
  return std::make_unique<SqliteStore>(path, OpenMode::kReadOnly, open_writer, SqlNames(names->begin(), names->end()));
}

}  // namespace daicho::collector
