#include "collector/store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/store/sqlite/schema.h"
#include "common/files.h"
#include "tests/collector/store/reports.h"
#include "tests/temporary_folder.h"
#include "tests/without_privileges.h"

namespace daicho::collector::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::unique_ptr<Store> Open(const std::string& path) {
  auto store = OpenSqliteStore(path, {.create = true});
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

void RunSql(const std::string& path, const char* sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

Error OpenError(const std::string& path, bool create = false) {
  const auto store = OpenSqliteStore(path, {.create = create});
  return store ? Error{} : store.error();
}

TEST(SqliteStore, IsMadeForItsOwnerAlone) {
  const TemporaryFolder folder;
  Open(folder.File("ledger.db"));
  struct stat made{};
  ASSERT_EQ(::stat(folder.File("ledger.db").c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777, 0600u);
}

TEST(SqliteStore, MissingStoreIsNotMadeUnasked) {
  const TemporaryFolder folder;
  EXPECT_EQ(OpenError(folder.File("ledger.db")).code, Code::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder.File("ledger.db")));
}

TEST(SqliteStore, NewerStoreIsRefusedAndLeftAlone) {
  const TemporaryFolder folder;
  const std::string path = folder.File("ledger.db");
  Open(path);
  const std::size_t known = SqliteMigrations().size();
  const std::string newer = "UPDATE store_meta SET value = '" + std::to_string(known + 1) + "' WHERE key = 'schema'";
  RunSql(path, newer.c_str());
  const Error error = OpenError(path);
  EXPECT_EQ(error.code, Code::kFailedPrecondition);
  EXPECT_THAT(error.message, AllOf(HasSubstr(path), HasSubstr("was written by a newer Daicho (schema " +
                                                              std::to_string(known + 1) + ", this build knows " +
                                                              std::to_string(known) + "); install that version")));
}

TEST(SqliteStore, ForeignFilesAreRefusedWithTheirPath) {
  const TemporaryFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.File("notes.txt"), std::string(5000, 'x')));
  RunSql(folder.File("other.db"), "CREATE TABLE t (x)");
  for (const char* name : {"notes.txt", "other.db"}) {
    for (const bool create : {false, true}) {
      const Error error = OpenError(folder.File(name), create);
      EXPECT_EQ(error.code, Code::kDataLoss) << name;
      EXPECT_THAT(error.message, HasSubstr(folder.File(name)));
    }
  }
}

TEST(SqliteStore, DamagedStoreIsFoundAtTheStart) {
  const TemporaryFolder folder;
  const std::string path = folder.File("ledger.db");
  {
    const auto store = Open(path);
    EnrolDevice(*store, DeviceId(1), "a", kStart);
    Rows rows;
    for (int i = 0; i < 500; ++i) rows.push_back(PackageRow("package-" + std::to_string(i), "1.0"));
    FeedSection(*store, DeviceId(1), "software", rows, kStart);
  }
  std::string bytes = ReadFile(path).value();
  std::fill(bytes.begin() + 40'000, bytes.begin() + 80'000, '\x5a');
  ASSERT_TRUE(WriteFileAtomically(path, bytes, 0600));
  const Error damaged = OpenError(path);
  EXPECT_EQ(damaged.code, Code::kDataLoss) << damaged.message;
  EXPECT_THAT(damaged.message, HasSubstr(path));
  ASSERT_TRUE(WriteFileAtomically(path, bytes.substr(0, 20'000), 0600));
  EXPECT_EQ(OpenError(path).code, Code::kDataLoss) << "cut short";
}

TEST(SqliteStore, ReadOnlyFolderIsAClearError) {
  const TemporaryFolder folder;
  const std::string path = folder.File("ledger.db");
  Open(path);
  using std::filesystem::perms;
  std::filesystem::permissions(path, perms::owner_read | perms::group_read | perms::others_read);
  std::filesystem::permissions(folder.path(),
                               perms::all & ~(perms::owner_write | perms::group_write | perms::others_write));
  {
    const WithoutPrivileges nobody;
    for (const std::string& name : {folder.File("new.db"), path}) {
      const Error error = OpenError(name, true);
      EXPECT_EQ(error.code, Code::kPermissionDenied) << error.message;
      EXPECT_THAT(error.message, HasSubstr(name));
    }
  }
  std::filesystem::permissions(folder.path(), perms::owner_all);
}

TEST(SqliteStore, MissingFolderIsAClearError) {
  const TemporaryFolder folder;
  const Error error = OpenError(folder.File("nowhere/ledger.db"), true);
  EXPECT_EQ(error.code, Code::kNotFound);
  EXPECT_THAT(error.message, HasSubstr(folder.File("nowhere/ledger.db")));
}

TEST(SqliteStore, ViewsOfAnOlderBuildAreReplaced) {
  const TemporaryFolder folder;
  const std::string path = folder.File("ledger.db");
  Open(path);
  RunSql(
      path,
      "DROP VIEW device; CREATE VIEW device AS SELECT 1 AS one; UPDATE store_meta SET value = 'x' WHERE key = 'views'");
  EXPECT_EQ(AskOne(*Open(path), "SELECT count(hostname) FROM device"), "0");
}

// The engine's own doors, on top of what the conformance suite tries.
TEST(SqliteStore, SelectReachesNothingBeneathTheViews) {
  const TemporaryFolder folder;
  const auto store = Open(folder.File("ledger.db"));
  EnrolDevice(*store, DeviceId(1), "a", kStart);
  for (const char* sql : {
           "PRAGMA user_version",
           "SELECT * FROM pragma_table_list",
           "SELECT count(*) FROM pragma_table_list",
           "ATTACH ':memory:' AS x",
           "EXPLAIN SELECT * FROM device",
           "EXPLAIN QUERY PLAN SELECT * FROM device",
           "SELECT sql FROM sqlite_schema",
           "SELECT count(*) FROM sqlite_schema",
           "SELECT name FROM sqlite_temp_master",
           "SELECT load_extension('x')",
           "SELECT * FROM software_period_items(1)",
           "VACUUM INTO '/dev/null'",
           "REINDEX",
           "SELECT rowid FROM store_meta",
           // The authorizer takes the name of a WITH table for the view of that name.
           "WITH token AS (SELECT token_hash FROM token_entry) SELECT * FROM token",
           "WITH token(h) AS MATERIALIZED (SELECT 1) SELECT * FROM token",
           "WITH \"Token\" AS (SELECT 1) SELECT * FROM token",
           "WITH 'token' AS NOT MATERIALIZED (SELECT 1) SELECT 1",
           "WITH [token] /* AS */ AS -- x\n (SELECT 1) SELECT 1",
           "WITH `token` (x) AS (SELECT 1) SELECT 1",
       }) {
    const Status done = store->Select({sql, {}, 1000, {}}, [](auto, auto) { return true; });
    ASSERT_FALSE(done) << sql;
    EXPECT_EQ(done.error().code, Code::kInvalidArgument) << sql << ": " << done.error().message;
  }
  EXPECT_EQ(AskOne(*store, "SELECT count(*) FROM device"), "1");
}

// No file of this process may grow past `bytes`: to the engine a full disk.
class FullDisk {
 public:
  explicit FullDisk(std::uintmax_t bytes) {
    ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit full{bytes, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

TEST(SqliteStore, FullDiskFailsTheBatchAndWhatItLearnedIsForgotten) {
  const TemporaryFolder folder;
  const std::string path = folder.File("ledger.db");
  const auto store = Open(path);
  EnrolDevice(*store, DeviceId(1), "a", kStart);
  const Rows before = {PackageRow("bash", "5.2")};
  FeedSection(*store, DeviceId(1), "software", before, kStart);
  Rows rows;
  for (int i = 0; i < 300; ++i) rows.push_back(PackageRow("new-" + std::to_string(i), "1.0"));
  OrderRows(rows);
  ReportToDo report = NewReport(DeviceId(1), kStart);
  v1::SectionDelta& delta = *report.request->add_sections();
  delta.set_name("software");
  delta.set_status(v1::OK);
  MakeFull(rows, delta);
  const auto changes = store->ChangesSince(0).count;
  {
    const FullDisk full(std::filesystem::file_size(path + "-wal") + 10'000);
    std::vector<StoreWrite> batch = {report.write};
    const Status failed = store->Commit(batch);
    ASSERT_FALSE(failed);
    EXPECT_THAT(failed.error().message, HasSubstr(path));
  }
  EXPECT_EQ(store->SectionRows(DeviceId(1), "software").value(), before);
  EXPECT_EQ(store->ChangesSince(0).count, changes);
  // Numbers that the lost batch gave to its items are given again now.
  EXPECT_EQ(FeedSection(*store, DeviceId(1), "software", {PackageRow("zsh", "5.9")}, kStart).outcome(), v1::APPLIED);
  EXPECT_EQ(FeedSection(*store, DeviceId(1), "software", rows, kStart).outcome(), v1::APPLIED);
  EXPECT_EQ(store->SectionRows(DeviceId(1), "software").value(), rows);
  EXPECT_EQ(Open(path)->SectionRows(DeviceId(1), "software").value(), rows);
}

TEST(SqliteStore, LockedStoreFailsTheBatchAndNothingOfItHappened) {
  const TemporaryFolder folder;
  const std::string path = folder.File("ledger.db");
  const auto store = Open(path);
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  std::vector<StoreWrite> batch = {JournalWrite{kStart, "collector", "test", "", {}}};
  const Status failed = store->Commit(batch);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::kUnavailable);
  EXPECT_THAT(failed.error().message,
              AllOf(HasSubstr(path), HasSubstr("the ledger file is locked by another process"), HasSubstr("close it")));
  sqlite3_close(other);
  EXPECT_TRUE(store->Commit(batch));
  EXPECT_EQ(AskOne(*store, "SELECT count(*) FROM journal"), "1");
}

// A child reports each commit through a pipe until it is killed in the middle of its work.
[[noreturn]] void WriteUntilKilled(const std::string& path, int acknowledge) {
  const auto store = Open(path);
  EnrolDevice(*store, DeviceId(1), "a", kStart);
  for (int n = 1;; ++n) {
    Rows rows;
    for (int i = 0; i < 50; ++i) rows.push_back(PackageRow("package-" + std::to_string(i), std::to_string(n)));
    FeedSection(*store, DeviceId(1), "software", rows, kStart + n);
    if (::write(acknowledge, &n, sizeof(n)) != sizeof(n)) ::_exit(1);
  }
}

TEST(SqliteStore, KilledWriterLosesNothingItAcknowledged) {
  const TemporaryFolder folder;
  const std::string path = folder.File("ledger.db");
  for (int round = 0; round < 3; ++round) {
    std::filesystem::remove(path);
    std::filesystem::remove(path + "-wal");
    std::filesystem::remove(path + "-shm");
    int pipe_ends[2];
    ASSERT_EQ(::pipe(pipe_ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) WriteUntilKilled(path, pipe_ends[1]);
    ::close(pipe_ends[1]);
    int acknowledged = 0;
    while (acknowledged < 10 + round * 7)
      ASSERT_EQ(::read(pipe_ends[0], &acknowledged, sizeof(int)), ssize_t{sizeof(int)});
    ::kill(child, SIGKILL);
    while (::read(pipe_ends[0], &acknowledged, sizeof(int)) == sizeof(int)) continue;
    ::close(pipe_ends[0]);
    ::waitpid(child, nullptr, 0);

    const auto store = Open(path);
    const int version = std::stoi(AskOne(*store, "SELECT DISTINCT version FROM installation"));
    EXPECT_GE(version, acknowledged);
    EXPECT_LE(version, acknowledged + 1) << "the one that was being written may be there too";
    const Rows rows = store->SectionRows(DeviceId(1), "software").value();
    EXPECT_EQ(rows.size(), 50u);
    EXPECT_EQ(AskOne(*store, "SELECT digest FROM section"), Hex(DigestRows(rows)));
  }
}

}  // namespace
}  // namespace daicho::collector::testing
