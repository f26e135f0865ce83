// A ledger with a past moves from its file to PostgreSQL: everything that anybody could ask says the same there.
#include "collector/migrate_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "collector/config.h"
#include "collector/setup.h"
#include "collector/state_lock.h"
#include "collector/store/ledger_move.h"
#include "collector/store/open_store.h"
#include "common/files.h"
#include "tests/collector/store/reports.h"
#include "tests/postgres/test_database.h"
#include "tests/temporary_folder.h"

namespace daicho::collector::testing {
namespace {

using ::testing::HasSubstr;

class MigrateStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    InitOptions options;
    options.state = state_;
    ASSERT_TRUE(Init(options));
    Fill();
  }

  void Fill() {
    const auto opened = OpenStore(ledger_);
    Store& store = **opened;
    for (int i = 1; i <= 3; ++i) EnrolDevice(store, DeviceId(i), "病棟-" + std::to_string(i), kStart);
    for (int day = 0; day < 4; ++day) {
      const UnixTime at = kStart + day * kDay;
      Rows packages;
      for (int i = 0; i < 40; ++i) {
        packages.push_back(PackageRow("p" + std::to_string(i), i == day ? "2.0" : "1.0", kStart + i));
      }
      FeedSection(store, DeviceId(1), "software", packages, at);
      FeedSection(store, DeviceId(2), "software", packages, at);
      FeedSection(store, DeviceId(1), "accounts", {AccountRow("tanaka", 1000, at), AccountRow("root", 0)}, at);
      FeedSection(store, DeviceId(1), "os", {OsRow("病棟-1", "12." + std::to_string(day))}, at);
      FeedSection(store, DeviceId(1), "network", {InterfaceRow("eth0", "02:00:00:00:00:01", {"192.0.2.7/24"})}, at);
      FeedSection(store, DeviceId(1), "listeners", {ListenerRow(22, "sshd")}, at, v1::PARTIAL);
      CommitOne(store, JournalWrite{.at = at, .actor = "admin/a", .action = "b", .detail = "c", .result = {}});
    }
    CommitOne(store, FindingsWrite{.rule = "account-unused",
                                   .severity = "high",
                                   .device_id = {},
                                   .at = kStart,
                                   .candidates = {{DeviceId(1), "tanaka", {{"days", "90"}}}},
                                   .result = {}});
    CommitOne(store,
              RevokeWrite{.device_id = DeviceId(3), .reason = "廃棄", .by = "admin", .at = kStart, .result = {}});
    CommitOne(store,
              ExportRunWrite{.name = "e", .at = kStart, .ok = true, .result_text = "", .file = "f", .result = {}});
  }

  static void NoProgress(std::string_view, std::int64_t, std::int64_t) {}
  // What is there after a kill before the last step: all copied, and marked.
  void LeaveAKilledMove() {
    {
      auto move = LedgerMove::Begin(database_.url());
      ASSERT_TRUE(move);
      ASSERT_TRUE(move->Copy(ledger_, NoProgress));
      ASSERT_TRUE(move->Keep());
    }
    database_.Run("INSERT INTO daicho.store_meta (key, value) VALUES ('unfinished_move', '1')");
  }

  Status Migrate() { return MigrateStore({.state = state_, .to = database_.url()}); }
  bool DatabaseIsEmpty() {
    return database_.Ask("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'daicho%'") == "0";
  }

  static std::vector<std::vector<std::string>> All(const Store& store, const std::string& view) {
    auto rows = Ask(store, "SELECT * FROM " + view);
    std::ranges::sort(rows);
    return rows;
  }

  const TemporaryFolder temporary_;
  const std::string state_ = temporary_.File("collector");
  const std::string ledger_ = state_ + "/" + kSqliteFile;
  const testing_postgres::TestDatabase database_;
};

TEST_F(MigrateStoreTest, EveryViewSaysTheSame) {
  const Status done = Migrate();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(LoadConfig(state_ + "/collector.toml")->store, database_.url());
  const auto from = OpenStore(ledger_);
  const auto to = OpenStore(database_.url());
  ASSERT_TRUE(to);
  for (const char* view : {"device", "section", "section_history", "account", "account_history", "user_group",
                           "software", "installation", "installation_history", "network_interface", "listener",
                           "listener_history", "finding", "journal", "export_run", "token", "device_claim"}) {
    EXPECT_EQ(All(**to, view), All(**from, view)) << view;
  }
  const auto all = [](std::uint64_t, std::uint64_t) { return true; };
  EXPECT_EQ((*to)->Verify(all)->sections, (*from)->Verify(all)->sections);
}

TEST_F(MigrateStoreTest, LedgerGoesOnThere) {
  ASSERT_TRUE(Migrate());
  const auto to = OpenStore(database_.url());
  EnrolDevice(**to, DeviceId(4), "new", kStart + 9 * kDay);
  FeedSection(**to, DeviceId(4), "software", {PackageRow("fresh", "1")}, kStart + 9 * kDay);
  EXPECT_EQ(FeedChange(**to, DeviceId(1), "software", {PackageRow("p1", "3.0")}, kStart + 9 * kDay).outcome(),
            v1::APPLIED);
  EXPECT_EQ(FeedChange(**to, DeviceId(1), "os", {OsRow("x")}, kStart + 9 * kDay).outcome(), v1::APPLIED);
  CommitOne(**to, JournalWrite{.at = kStart, .actor = "a", .action = "b", .detail = "c", .result = {}});
  const auto proved = (*to)->Verify([](std::uint64_t, std::uint64_t) { return true; });
  EXPECT_TRUE(proved) << proved.error().message;
}

TEST_F(MigrateStoreTest, DatabaseWithSomethingInItIsRefused) {
  database_.Run("CREATE TABLE somebodys (a int)");
  const std::string before = *ReadFile(state_ + "/collector.toml");
  const Status done = Migrate();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(done.error().message, HasSubstr("createdb"));
  EXPECT_EQ(*ReadFile(state_ + "/collector.toml"), before);
  EXPECT_TRUE(DatabaseIsEmpty());
}

TEST_F(MigrateStoreTest, SecondMoveIsRefusedAndTakesNothingAway) {
  ASSERT_TRUE(Migrate());
  EXPECT_EQ(Migrate().error().code, Code::kFailedPrecondition);
  EXPECT_EQ(All(**OpenStore(database_.url()), "device").size(), 3U);
}

TEST_F(MigrateStoreTest, LedgerWithNothingInItIsNotTakenForAnEmptyDatabase) {
  ASSERT_TRUE(OpenStore(database_.url(), true));
  EXPECT_EQ(Migrate().error().code, Code::kFailedPrecondition);
  EXPECT_TRUE(OpenStore(database_.url())) << "somebody may serve it";
}

TEST_F(MigrateStoreTest, MoveThatWasKilledIsBegunAnew) {
  LeaveAKilledMove();
  // The collector went on with its file meanwhile.
  EnrolDevice(**OpenStore(ledger_), DeviceId(4), "new", kStart + 9 * kDay);
  const Status done = Migrate();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(All(**OpenStore(database_.url()), "device").size(), 4U);
}

TEST_F(MigrateStoreTest, CopyOfAKilledMoveThatSomebodyUsesStays) {
  LeaveAKilledMove();
  EnrolDevice(**OpenStore(database_.url()), DeviceId(5), "there", kStart + 9 * kDay);
  EXPECT_EQ(Migrate().error().code, Code::kFailedPrecondition);
  EXPECT_EQ(All(**OpenStore(database_.url()), "device").size(), 4U);
}

TEST_F(MigrateStoreTest, LedgerThatHasMovedStaysThoughNobodyServesItYet) {
  const std::string before = *ReadFile(state_ + "/collector.toml");
  ASSERT_TRUE(Migrate());
  ASSERT_TRUE(WriteFileAtomically(state_ + "/collector.toml", before));
  EXPECT_EQ(Migrate().error().code, Code::kFailedPrecondition);
  EXPECT_EQ(All(**OpenStoreToRead(database_.url()), "device").size(), 3U);
}

TEST_F(MigrateStoreTest, FailedMoveLeavesNothing) {
  auto move = LedgerMove::Begin(database_.url());
  ASSERT_TRUE(move);
  EXPECT_FALSE(move->Copy(temporary_.File("nothing-here"), NoProgress));
  EXPECT_FALSE(DatabaseIsEmpty());
  {
    const LedgerMove ended = std::move(*move);
  }
  EXPECT_TRUE(DatabaseIsEmpty());
}

TEST_F(MigrateStoreTest, CollectorThatOpensItDuringTheMoveKeepsIt) {
  auto move = LedgerMove::Begin(database_.url());
  ASSERT_TRUE(move);
  EnrolDevice(**OpenStore(database_.url()), DeviceId(5), "there", kStart);
  EXPECT_EQ(move->Copy(ledger_, NoProgress).error().code, Code::kFailedPrecondition);
  {
    const LedgerMove ended = std::move(*move);
  }
  EXPECT_EQ(All(**OpenStore(database_.url()), "device").size(), 1U);
}

TEST_F(MigrateStoreTest, DatabaseThatTheCollectorWouldRefuseIsRefused) {
  const testing_postgres::TestDatabase latin("TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
  const Status done = MigrateStore({.state = state_, .to = latin.url()});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("UTF8"));
  EXPECT_EQ(latin.Ask("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'daicho%'"), "0");
  EXPECT_EQ(LoadConfig(state_ + "/collector.toml")->store, ledger_);
}

TEST_F(MigrateStoreTest, TwoAtOnceDoNotClearEachOthersCopy) {
  auto other = LedgerMove::Begin(database_.url());
  ASSERT_TRUE(other);
  const Status done = Migrate();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kFailedPrecondition);
  EXPECT_THAT(done.error().message, HasSubstr("another migrate-store"));
  EXPECT_TRUE(other->Copy(ledger_, NoProgress));
}

TEST_F(MigrateStoreTest, DamagedLedgerDoesNotMove) {
  {
    const auto connection = OpenStore(ledger_);
    ASSERT_TRUE(connection);
  }
  // A journal entry that a hand changed.
  ASSERT_EQ(std::system(("sqlite3 " + ledger_ + " \"UPDATE journal_entry SET detail = 'z' WHERE seq = 1\"").c_str()),
            0);
  const Status done = Migrate();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kDataLoss);
  EXPECT_TRUE(DatabaseIsEmpty());
}

TEST_F(MigrateStoreTest, RunningCollectorIsRefused) {
  const auto running = StateLock::Take(state_);
  EXPECT_EQ(Migrate().error().code, Code::kFailedPrecondition);
  EXPECT_TRUE(DatabaseIsEmpty());
}

}  // namespace
}  // namespace daicho::collector::testing
