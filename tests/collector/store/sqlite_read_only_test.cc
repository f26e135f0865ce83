// A ledger that is only read: beside the collector that writes it, on a medium that takes no writes, and with damage
// anywhere in its file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "collector/store/sqlite_store.h"
#include "common/files.h"
#include "tests/collector/store/reports.h"
#include "tests/temporary_folder.h"
#include "tests/without_privileges.h"

namespace daicho::collector::testing {
namespace {

using std::filesystem::perms;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

bool GoOn(std::uint64_t, std::uint64_t) { return true; }

std::unique_ptr<Store> OpenToWrite(const std::string& path) {
  auto store = OpenSqliteStore(path, {.create = true});
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

// What `daicho-collector verify` does.
Result<VerifyCounts> ProveFile(const std::string& path) {
  const auto store = OpenSqliteStore(path, {.read_only = true});
  if (!store) return std::unexpected(store.error());
  return (*store)->Verify(GoOn);
}

void RunSql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
  sqlite3_close(db);
}

std::set<std::string> FilesIn(const TemporaryFolder& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

class SqliteReadOnly : public ::testing::Test {
 protected:
  void Fill(Store& store) {
    for (int device : {1, 2, 3}) {
      EnrolDevice(store, DeviceId(device), "pc-" + std::to_string(device), kStart);
      for (int day : {0, 1}) {
        Rows software;
        for (int i = 0; i < 300; ++i) {
          software.push_back(PackageRow("package-" + std::to_string(i * device), std::to_string(day), kStart + i));
        }
        Rows accounts;
        for (std::uint32_t i = 0; i < 60; ++i) accounts.push_back(AccountRow("user-" + std::to_string(i), i, day));
        FeedSection(store, DeviceId(device), "software", software, kStart + day * kDay);
        FeedSection(store, DeviceId(device), "accounts", accounts, kStart + day * kDay);
        FeedSection(store, DeviceId(device), "os", {OsRow("pc", std::to_string(day))}, kStart + day * kDay);
      }
    }
    std::vector<StoreWrite> journal(300, JournalWrite{kStart, "admin/sato", "x", "y", {}});
    ASSERT_TRUE(store.Commit(journal));
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.File("ledger #1%3f?.db");
};

TEST_F(SqliteReadOnly, IsProvedBesideTheCollectorThatWritesIt) {
  const auto writer = OpenToWrite(path_);
  Fill(*writer);
  const auto counts = ProveFile(path_);
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->devices, 3u);
  EXPECT_EQ(counts->journal_entries, 2u * 3 + 300) << "what lies in the log is the ledger too";
  const auto reader = OpenSqliteStore(path_, {.read_only = true}).value();
  std::vector<StoreWrite> batch = {JournalWrite{kStart, "collector", "test", "", {}}};
  EXPECT_EQ(reader->Commit(batch).error().code, Code::kFailedPrecondition);
  EXPECT_TRUE(writer->Commit(batch)) << "nothing is locked";
  EXPECT_EQ(AskOne(*reader, "SELECT count(*) FROM journal"), "307");
}

TEST_F(SqliteReadOnly, IsProvedWhereNobodyMayWrite) {
  Fill(*OpenToWrite(path_));
  std::filesystem::permissions(path_, perms::owner_read | perms::group_read | perms::others_read);
  std::filesystem::permissions(folder_.path(),
                               perms::all & ~(perms::owner_write | perms::group_write | perms::others_write));
  const auto files = FilesIn(folder_);
  {
    const WithoutPrivileges nobody;
    const auto counts = ProveFile(path_);
    EXPECT_TRUE(counts) << counts.error().message;
  }
  EXPECT_EQ(FilesIn(folder_), files);
  std::filesystem::permissions(folder_.path(), perms::owner_all);
}

// Without its log the file alone is a ledger of earlier, or none at all.
TEST_F(SqliteReadOnly, ALogThatCannotBeReadIsNotPassedOver) {
  const TemporaryFolder copy;
  {
    const auto writer = OpenToWrite(path_);
    Fill(*writer);
    std::filesystem::copy(path_, copy.File("ledger.db"));
    std::filesystem::copy(path_ + "-wal", copy.File("ledger.db-wal"));
  }
  const perms all_read = perms::owner_read | perms::group_read | perms::others_read;
  for (const char* name : {"ledger.db", "ledger.db-wal"}) std::filesystem::permissions(copy.File(name), all_read);
  std::filesystem::permissions(copy.path(),
                               perms::all & ~(perms::owner_write | perms::group_write | perms::others_write));
  {
    const WithoutPrivileges nobody;
    const auto counts = ProveFile(copy.File("ledger.db"));
    ASSERT_FALSE(counts);
    EXPECT_EQ(counts.error().code, Code::kPermissionDenied);
    EXPECT_THAT(counts.error().message, HasSubstr("-wal"));
  }
  std::filesystem::permissions(copy.path(), perms::owner_all);
  EXPECT_TRUE(ProveFile(copy.File("ledger.db"))) << "with its log it is whole";
}

TEST_F(SqliteReadOnly, OlderAndNewerLedgersAreLeftAsTheyAre) {
  Fill(*OpenToWrite(path_));
  for (const char* version : {"1", "99"}) {
    RunSql(path_, "UPDATE store_meta SET value = '" + std::string(version) + "' WHERE key = 'schema'");
    const std::string before = ReadFile(path_).value();
    const auto counts = ProveFile(path_);
    ASSERT_FALSE(counts);
    EXPECT_EQ(counts.error().code, Code::kFailedPrecondition) << counts.error().message;
    EXPECT_THAT(counts.error().message, AnyOf(HasSubstr("older Daicho"), HasSubstr("newer Daicho")));
    EXPECT_EQ(ReadFile(path_).value(), before);
  }
}

TEST_F(SqliteReadOnly, WhatIsNoLedgerIsSaidToBeNone) {
  EXPECT_EQ(ProveFile(path_).error().code, Code::kNotFound);
  for (const std::string content : {"", "no database at all, and long enough to be read as one"}) {
    ASSERT_TRUE(WriteFileAtomically(path_, content, 0600));
    const auto counts = ProveFile(path_);
    ASSERT_FALSE(counts) << content;
    EXPECT_EQ(counts.error().code, Code::kDataLoss) << counts.error().message;
    EXPECT_THAT(counts.error().message, HasSubstr(path_));
  }
}

// Wherever a disk goes bad, the place is named: a table, or where there is none the engine's own word for the page.
TEST_F(SqliteReadOnly, EachPageThatWasOverwrittenIsNamed) {
  Fill(*OpenToWrite(path_));
  const std::string bytes = ReadFile(path_).value();
  const auto page_size =
      static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[16]) << 8 | static_cast<std::uint8_t>(bytes[17]));
  ASSERT_GE(bytes.size() / page_size, 30u) << "enough pages of every kind";
  const std::string copy = folder_.File("copy.db");
  std::size_t tables = 0;
  for (std::size_t page = 0; page < bytes.size() / page_size; ++page) {
    std::string damaged = bytes;
    std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(page * page_size), page_size, '\x5a');
    ASSERT_TRUE(WriteFileAtomically(copy, damaged, 0600));
    const auto counts = ProveFile(copy);
    ASSERT_FALSE(counts) << "page " << page + 1;
    EXPECT_EQ(counts.error().code, Code::kDataLoss) << "page " << page + 1 << ": " << counts.error().message;
    EXPECT_THAT(counts.error().message, HasSubstr(copy));
    tables += counts.error().message.find("table ") != std::string::npos ? 1 : 0;
    if (page > 0) {
      EXPECT_THAT(counts.error().message, HasSubstr("table ")) << "page " << page + 1;
    }
  }
  EXPECT_GT(tables, 0u);
}

TEST_F(SqliteReadOnly, AFileThatWasCutShortIsFound) {
  Fill(*OpenToWrite(path_));
  const std::string bytes = ReadFile(path_).value();
  for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{5000}, std::size_t{50}}) {
    ASSERT_TRUE(WriteFileAtomically(path_, bytes.substr(0, size), 0600));
    const auto counts = ProveFile(path_);
    ASSERT_FALSE(counts) << size;
    EXPECT_EQ(counts.error().code, Code::kDataLoss) << size << ": " << counts.error().message;
  }
}

}  // namespace
}  // namespace daicho::collector::testing
