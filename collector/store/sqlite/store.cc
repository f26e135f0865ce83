#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "collector/store/sqlite/device_writes.h"
#include "collector/store/sqlite/dictionary.h"
#include "collector/store/sqlite/finding_writes.h"
#include "collector/store/sqlite/read_pool.h"
#include "collector/store/sqlite/row_table.h"
#include "collector/store/sqlite/schema.h"
#include "collector/store/sqlite/section_writes.h"
#include "collector/store/sqlite/select.h"
#include "collector/store/sqlite/set_table.h"
#include "collector/store/sqlite/software_table.h"
#include "collector/store/sqlite/sql_functions.h"
#include "collector/store/sqlite_store.h"

namespace daicho::collector {

namespace {

// Two for the questions of every call, which are short; the others for SELECTs, which may take their time and must not
// keep devices waiting.
constexpr std::size_t kLookupConnections = 2;
constexpr std::size_t kSelectConnections = 4;
// What viewers ask keeps neither devices nor rules waiting, and this many can be at their memory limit at once.
constexpr std::size_t kForeignConnections = 2;

// Kinds of writes that Store::ChangeCount counts.
template <typename Write>
constexpr bool kChangesFacts = std::is_same_v<Write, CheckInWrite> || std::is_same_v<Write, ReportWrite> ||
                               std::is_same_v<Write, RevokeWrite> || std::is_same_v<Write, EnrolWrite>;

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<Connection> writer, std::set<std::string, std::less<>> views)
      : writer_(std::move(writer)),
        views_(std::move(views)),
        dictionary_(*writer_),
        sections_(*writer_, dictionary_),
        lookups_(writer_->path(), kLookupConnections),
        selects_(writer_->path(), kSelectConnections),
        foreign_selects_(writer_->path(), kForeignConnections) {}

  Status Commit(std::span<StoreWrite> batch) override;
  Status Select(const SelectRequest& request, const RowSink& sink,
                std::vector<std::string>* columns_out) const override;
  Result<TokenGrant> FindToken(std::string_view token_hash, UnixTime now) const override;
  Result<DeviceAccess> FindDevice(std::string_view device_id, std::string_view certificate_serial) const override;
  Result<Rows> SectionRows(std::string_view device_id, std::string_view section) const override;
  std::uint64_t ChangeCount() const override { return changes_.load(); }

 private:
  void ApplyInSavepoint(StoreWrite& write);
  Status EndTransaction() const;
  Status Promote(std::string_view serial) const;

  const std::unique_ptr<Connection> writer_;
  const std::set<std::string, std::less<>> views_;
  mutable Dictionary dictionary_;
  SectionWriter sections_;
  // Held by Commit() and by the rare write that FindDevice() does.
  mutable std::mutex writing_;
  mutable ReadPool lookups_;
  mutable ReadPool selects_;
  mutable ReadPool foreign_selects_;
  std::atomic<std::uint64_t> changes_ = 0;
};

void SqliteStore::ApplyInSavepoint(StoreWrite& any) {
  const std::size_t mark = dictionary_.Mark();
  writer_->Do("SAVEPOINT one_write");
  const bool good = std::visit(
      [&](auto& write) {
        using Write = std::decay_t<decltype(write)>;
        if constexpr (std::is_same_v<Write, CheckInWrite> || std::is_same_v<Write, ReportWrite>) {
          sections_.Apply(write);
        } else {
          Apply(*writer_, write);
        }
        if (writer_->error_is_of_the_data()) {
          write.result = std::unexpected(writer_->status().error());
          writer_->ClearError();
        }
        return write.result.has_value();
      },
      any);
  if (!good && writer_->ok()) {
    writer_->Do("ROLLBACK TO one_write");
    dictionary_.Forget(mark);
  }
  writer_->Do("RELEASE one_write");
}

Status SqliteStore::EndTransaction() const {
  Status ended = writer_->status();
  if (ended) ended = writer_->Script("COMMIT");
  if (!ended) {
    // After some errors (disk full) the engine has rolled back by itself, and this one only says so.
    static_cast<void>(writer_->Script("ROLLBACK"));
    dictionary_.Forget(0);
  }
  writer_->ClearError();
  return ended;
}

Status SqliteStore::Commit(std::span<StoreWrite> batch) {
  const std::lock_guard lock(writing_);
  if (const Status begun = writer_->Script("BEGIN IMMEDIATE"); !begun) return begun;
  std::uint64_t changes = 0;
  for (StoreWrite& write : batch) {
    ApplyInSavepoint(write);
    if (!writer_->ok()) break;
    changes += std::visit(
        [](const auto& done) { return kChangesFacts<std::decay_t<decltype(done)>> && done.result ? 1u : 0u; }, write);
  }
  if (const Status ended = EndTransaction(); !ended) return ended;
  dictionary_.Trim();
  changes_ += changes;
  return {};
}

Status SqliteStore::Select(const SelectRequest& request, const RowSink& sink,
                           std::vector<std::string>* columns_out) const {
  std::optional<Deadline> deadline;
  if (request.limit_ms) deadline = Deadline::clock::now() + std::chrono::milliseconds(*request.limit_ms);
  const auto connection = request.foreign ? foreign_selects_.Borrow(deadline) : selects_.Borrow();
  if (!connection) return std::unexpected(connection.error());
  return SelectOnViews(**connection, views_, request, deadline, sink, columns_out);
}

Result<TokenGrant> SqliteStore::FindToken(std::string_view token_hash, UnixTime now) const {
  const auto connection = lookups_.Borrow();
  if (!connection) return std::unexpected(connection.error());
  Query query =
      (*connection)
          ->Ask(
              "SELECT coalesce(d.device_id, '') FROM token_entry AS t LEFT JOIN device_entry AS d ON d.id = t.device "
              "WHERE t.token_hash = ?1 AND t.used_at IS NULL AND t.expires_at > ?2",
              token_hash, now);
  if (query.Next()) return TokenGrant{std::string(query.Text(0))};
  if (const Status status = (*connection)->status(); !status) return std::unexpected(status.error());
  return Fail(Code::kPermissionDenied, "the token is unknown, used or expired; ask for a new one");
}

Status SqliteStore::Promote(std::string_view serial) const {
  const std::lock_guard lock(writing_);
  if (const Status begun = writer_->Script("BEGIN IMMEDIATE"); !begun) return begun;
  PromoteCertificate(*writer_, serial);
  return EndTransaction();
}

Result<DeviceAccess> SqliteStore::FindDevice(std::string_view device_id, std::string_view certificate_serial) const {
  DeviceAccess access;
  std::string state;
  {
    const auto connection = lookups_.Borrow();
    if (!connection) return std::unexpected(connection.error());
    Query query =
        (*connection)
            ->Ask(
                "SELECT d.revoked_at IS NOT NULL, d.reported_at IS NOT NULL, c.state FROM device_entry AS d "
                "LEFT JOIN certificate_entry AS c ON c.device = d.id AND c.serial = ?2 WHERE d.device_id = ?1",
                device_id, certificate_serial);
    if (!query.Next()) {
      if (const Status status = (*connection)->status(); !status) return std::unexpected(status.error());
      return Fail(Code::kNotFound, "no device '" + std::string(device_id) + "' in the ledger");
    }
    access.status = query.Int(0) != 0   ? DeviceStatus::kRevoked
                    : query.Int(1) != 0 ? DeviceStatus::kActive
                                        : DeviceStatus::kEnrolled;
    state = query.Text(2);
  }
  access.certificate_accepted = access.status != DeviceStatus::kRevoked && (state == "current" || state == "next");
  if (access.certificate_accepted && state == "next") {
    if (const Status promoted = Promote(certificate_serial); !promoted) return std::unexpected(promoted.error());
  }
  return access;
}

Result<Rows> SqliteStore::SectionRows(std::string_view device_id, std::string_view section) const {
  const auto connection = lookups_.Borrow();
  if (!connection) return std::unexpected(connection.error());
  std::int64_t device = 0;
  {
    Query query = (*connection)->Ask("SELECT id FROM device_entry WHERE device_id = ?1", device_id);
    if (query.Next()) device = query.Int(0);
  }
  Result<Rows> rows;
  if (section == "software") {
    rows = LoadSoftware(**connection, device);
  } else if (const Projection* projection = FindProjection(section)) {
    rows = LoadRowTable(**connection, *projection, device);
  }
  if (const Status status = (*connection)->status(); !status) return std::unexpected(status.error());
  return rows;
}

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
  if (errno == ENOENT) return Fail(Code::kNotFound, "store " + path + ": there is none; run daicho-collector init");
  return Fail(Code::kPermissionDenied, "store " + path + ": " + std::strerror(errno));
}

// quick_check reads every page and every row, but does not compare indexes with tables.
Status FindDamage(Connection& connection) {
  Query check = connection.Ask("PRAGMA quick_check(1)");
  const bool answered = check.Next();
  if (!connection.ok()) return connection.status();
  if (answered && check.Text(0) == "ok") return {};
  return Fail(Code::kDataLoss, "store " + connection.path() + " is damaged: " + std::string(check.Text(0)) +
                                   "; restore it from a backup");
}

Status ConfigureWriter(Connection& connection, const OpenOptions& options) {
  Status ready = connection.Script(
      "PRAGMA busy_timeout = 5000; PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
      "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -32768;");
  if (ready) ready = RegisterSqlFunctions(connection);
  if (ready) ready = RegisterSetTable(connection);
  if (ready && options.check) ready = FindDamage(connection);
  if (ready) ready = PrepareSchema(connection);
  return ready;
}

}  // namespace

Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const OpenOptions& options) {
  if (const Status there = options.create ? CreateFile(path) : FindFile(path); !there) {
    return std::unexpected(there.error());
  }
  auto writer = Connection::Open(path, OpenMode::kReadWrite);
  if (!writer) return std::unexpected(writer.error());
  if (const Status ready = ConfigureWriter(**writer, options); !ready) return std::unexpected(ready.error());
  const auto names = ViewNames(**writer);
  if (!names) return std::unexpected(names.error());
  return std::make_unique<SqliteStore>(std::move(*writer),
                                       std::set<std::string, std::less<>>(names->begin(), names->end()));
}

}  // namespace daicho::collector
