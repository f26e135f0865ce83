// Ledgers of older builds are opened with nothing lost.
#include <gtest/gtest.h>

#include "collector/store/sqlite/connection.h"
#include "collector/store/sqlite/schema.h"
#include "collector/store/sqlite_store.h"
#include "tests/collector/store/reports.h"
#include "tests/temporary_folder.h"

namespace daicho::collector::testing {
namespace {

constexpr const char* kApplication = "\nPRAGMA application_id = 1147365487;\n";

class LedgerOfSchema : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    FillToday();
    MakeOld();
  }

  void FillToday() {
    const auto store = OpenSqliteStore(today_, {.create = true});
    EnrolDevice(**store, DeviceId(1), "ward-3-pc", kStart);
    for (int day = 0; day < 3; ++day) {
      const UnixTime at = kStart + day * kDay;
      FeedSection(**store, DeviceId(1), "software", {PackageRow("bash", "5." + std::to_string(day))}, at);
      FeedSection(**store, DeviceId(1), "accounts", {AccountRow("tanaka", 1000, at)}, at);
      CommitOne(**store, JournalWrite{.at = at, .actor = "admin/a", .action = "b", .detail = "c", .result = {}});
    }
  }

  // The first migrations alone, and in their tables the rows as they were then.
  void MakeOld() {
    std::fclose(std::fopen(old_.c_str(), "w"));
    const auto opened = SqliteConnection::Open(old_, OpenMode::kReadWrite);
    ASSERT_TRUE(opened);
    Connection& old = **opened;
    const SchemaScripts of_then{.migrations = SqliteMigrations().first(static_cast<std::size_t>(GetParam())),
                                .views = "",
                                .drop_views = [](Connection&) -> Result<std::string> { return std::string(); },
                                .in_each_migration = kApplication};
    ASSERT_TRUE(PrepareSchema(old, of_then, 0));
    ASSERT_TRUE(old.Script("ATTACH '" + today_ + "' AS today"));
    std::vector<std::pair<std::string, std::string>> tables;
    {
      Query query = old.Ask(
          "SELECT t.name, group_concat('\"' || c.name || '\"') FROM main.sqlite_schema AS t, pragma_table_info(t.name, "
          "'main') AS c WHERE t.type = 'table' AND t.name <> 'store_meta' GROUP BY t.name");
      while (query.Next()) tables.emplace_back(query.Text(0), query.Text(1));
    }
    ASSERT_FALSE(tables.empty());
    for (const auto& [table, columns] : tables) {
      old.Do("DELETE FROM main." + table);
      old.Do("INSERT INTO main." + table + " (" + columns + ") SELECT " + columns + " FROM today." + table);
    }
    ASSERT_TRUE(old.ok()) << old.status().error().message;
  }

  const TemporaryFolder folder_;
  const std::string today_ = folder_.File("today.sqlite");
  const std::string old_ = folder_.File("old.sqlite");
};

TEST_P(LedgerOfSchema, OpensWithNothingLost) {
  ASSERT_EQ(CountSqliteStore(old_)->schema, GetParam());
  const auto today = OpenSqliteStore(today_);
  const auto old = OpenSqliteStore(old_);
  ASSERT_TRUE(old) << old.error().message;
  for (const char* view : {"device", "section", "account", "account_history", "software", "installation",
                           "installation_history", "journal", "token", "finding"}) {
    const std::string sql = "SELECT * FROM " + std::string(view);
    EXPECT_EQ(Ask(**old, sql), Ask(**today, sql)) << view;
  }
  const auto proved = (*old)->Verify([](std::uint64_t, std::uint64_t) { return true; });
  ASSERT_TRUE(proved) << proved.error().message;
  EXPECT_EQ(proved->journal_entries, 3U + 2) << "and the token, made and used";
}

TEST_P(LedgerOfSchema, GoesOn) {
  const auto old = OpenSqliteStore(old_);
  ASSERT_TRUE(old);
  EXPECT_EQ(FeedChange(**old, DeviceId(1), "software", {PackageRow("vim", "9")}, kStart + 9 * kDay).outcome(),
            v1::APPLIED);
  CommitOne(**old, JournalWrite{.at = kStart, .actor = "a", .action = "b", .detail = "c", .result = {}});
  EXPECT_TRUE((*old)->Verify([](std::uint64_t, std::uint64_t) { return true; }));
}

INSTANTIATE_TEST_SUITE_P(EachBeforeToday, LedgerOfSchema,
                         ::testing::Range(1, static_cast<int>(SqliteMigrations().size())));

}  // namespace
}  // namespace daicho::collector::testing
