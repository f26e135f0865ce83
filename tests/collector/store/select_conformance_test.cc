#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SelectTest : public StoreTest {
 protected:
  Status Run(SelectRequest request) {
    return store().Select(request, [this](auto, auto) {
      ++rows_;
      return true;
    });
  }
  Error Refusal(const std::string& sql) {
    const Status done = Run({sql, {}, {}, {}});
    return done ? Error{} : done.error();
  }
  int rows_ = 0;
};

TEST_P(SelectTest, ColumnsAreGivenWithoutRowsToo) {
  std::vector<std::string> columns;
  ASSERT_TRUE(store().Select(
      {"SELECT device_id, hostname AS name FROM device", {}, {}, {}}, [](auto, auto) { return true; }, &columns));
  EXPECT_THAT(columns, ElementsAre("device_id", "name"));
}

TEST_P(SelectTest, ValuesHaveTheirTypes) {
  std::vector<SqlValue> seen;
  ASSERT_TRUE(store().Select({"SELECT :number, :real, :text, :nothing",
                              {{"number", std::int64_t{7}}, {"real", 1.5}, {"text", "台帳"}, {"nothing", nullptr}},
                              {},
                              {}},
                             [&](auto, std::span<const SqlValue> values) {
                               seen.assign(values.begin(), values.end());
                               return true;
                             }));
  EXPECT_THAT(seen, ElementsAre(SqlValue(std::int64_t{7}), SqlValue(1.5), SqlValue("台帳"), SqlValue(nullptr)));
}

TEST_P(SelectTest, SinkStopsTheRows) {
  int rows = 0;
  ASSERT_TRUE(store().Select({"SELECT 1 UNION ALL SELECT 2", {}, {}, {}}, [&](auto, auto) { return ++rows < 1; }));
  EXPECT_EQ(rows, 1);
}

TEST_P(SelectTest, RowsPastTheLimitAreLeftOutAndSaidSo) {
  const Status done = Run({"SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3", {}, {}, 2});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kResourceExhausted);
  EXPECT_EQ(rows_, 2);
  EXPECT_TRUE(Run({"SELECT 1 UNION ALL SELECT 2", {}, {}, 2})) << "exactly as many as allowed";
}

TEST_P(SelectTest, EndlessSelectEndsAtItsTimeLimit) {
  const std::string endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
  const Status done = Run({endless, {}, 30, {}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kDeadlineExceeded);
  EXPECT_TRUE(Run({"SELECT 1", {}, 5000, {}})) << "the connection is as good as before";
}

TEST_P(SelectTest, EveryDocumentedViewCanBeRead) {
  EnrolDevice(store(), DeviceId(1), "a", kStart);
  for (const char* view : {"device", "section", "account", "user_group", "software", "installation",
                           "network_interface", "listener", "finding", "account_history", "installation_history",
                           "listener_history", "journal", "export_run", "token", "section_history"}) {
    EXPECT_EQ(Refusal("SELECT * FROM " + std::string(view)).message, "") << view;
    EXPECT_EQ(Refusal("SELECT count(*) FROM " + std::string(view)).message, "") << view;
  }
}

TEST_P(SelectTest, WithTablesAndSubqueriesAreFine) {
  for (const char* sql : {
           "WITH mine AS (SELECT hostname FROM device) SELECT count(*) FROM mine",
           "SELECT count(*) FROM (SELECT DISTINCT hostname FROM device) AS d",
           "WITH a AS (SELECT device_id FROM device), b(id) AS (SELECT device_id FROM a) SELECT * FROM b JOIN device "
           "ON device_id = id;",
           "SELECT * FROM device AS account WHERE device_id IN (SELECT device_id FROM finding) -- done",
           "SELECT value FROM account, json_each(account.groups)",
           "SELECT hostname AS device FROM device WHERE (device.hostname = 'token (') ORDER BY device",
       }) {
    EXPECT_EQ(Refusal(sql).message, "") << sql;
  }
}

// What a statement may not do, whichever way it is written.
TEST_P(SelectTest, EverythingButASelectOnTheViewsIsRefused) {
  EnrolDevice(store(), DeviceId(1), "a", kStart);
  for (const char* sql : {
           "",
           "   -- nothing",
           "SELECT 1; SELECT 2",
           "SELECT 1; DROP VIEW device",
           "DELETE FROM device",
           "INSERT INTO journal (seq) VALUES (1)",
           "UPDATE device SET hostname = 'x'",
           "CREATE TABLE t (x)",
           "CREATE TEMP TABLE t AS SELECT 1",
           "DROP VIEW device",
           "BEGIN",
           "SELECT token_hash FROM token_entry",
           "SELECT count(*) FROM token_entry",
           "SELECT count(*) FROM \"Token_Entry\"",
           "SELECT count(*) FROM [token_entry]",
           "SELECT count(*) FROM `token_entry`",
           "SELECT count(*) FROM 'token_entry'",
           "SELECT 1 FROM device WHERE EXISTS (SELECT 1 FROM certificate_entry)",
           "SELECT (SELECT token_hash FROM token_entry) FROM device",
       }) {
    const Error refusal = Refusal(sql);
    EXPECT_EQ(refusal.code, Code::kInvalidArgument) << sql << ": " << refusal.message;
    EXPECT_EQ(rows_, 0) << sql;
  }
}

TEST_P(SelectTest, MistakesAreShownWithTheirPlace) {
  EXPECT_THAT(Refusal("SELECT hostnam FROM device").message, HasSubstr("hostnam"));
  EXPECT_THAT(Refusal("SELECT hostnam FROM device").message, HasSubstr("column 8"));
  EXPECT_THAT(Refusal("SELECT hostname\nFORM device").message, HasSubstr("line 2, column 6"));
  EXPECT_THAT(Refusal("SELECT * FROM device WHERE hostname = :name").message, HasSubstr(":name has no value"));
  EXPECT_THAT(Refusal("SELECT ?1").message, HasSubstr("must have names"));
  EXPECT_THAT(Refusal("SELECT 1; SELECT 2").message, HasSubstr("only one statement"));
}

TEST_P(SelectTest, ReadersSeeCommittedDataWhileAnotherSelectIsRunning) {
  EnrolDevice(store(), DeviceId(1), "a", kStart);
  int rows = 0;
  ASSERT_TRUE(store().Select({"SELECT hostname FROM device UNION ALL SELECT 'x'", {}, {}, {}}, [&](auto, auto) {
    if (++rows == 1) EnrolDevice(store(), DeviceId(2), "b", kStart);
    EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM device"), "2");
    return true;
  }));
  EXPECT_EQ(rows, 2) << "a SELECT sees the ledger of the moment it began";
}

SelectRequest Foreign(const std::string& sql, std::int64_t limit_ms = 20'000) {
  SelectRequest request;
  request.sql = sql;
  request.limit_ms = limit_ms;
  request.foreign = true;
  return request;
}

TEST_P(SelectTest, ForeignSelectsWaitForEachOtherAndNobodyWaitsForThem) {
  int rows = 0;
  const auto inner = [&](auto, auto) {
    const Status third = Run(Foreign("SELECT 1", 20));
    EXPECT_FALSE(third);
    EXPECT_EQ(third ? Code::kInternal : third.error().code, Code::kResourceExhausted);
    EXPECT_THAT(third ? "" : third.error().message, HasSubstr("busy with other queries; try again"));
    EXPECT_EQ(AskOne(store(), "SELECT 7"), "7") << "the collector's own";
    return ++rows > 0;
  };
  ASSERT_TRUE(store().Select(Foreign("SELECT 1"), [&](auto, auto) {
    EXPECT_TRUE(store().Select(Foreign("SELECT 1"), inner));
    return true;
  }));
  EXPECT_EQ(rows, 1);
  EXPECT_TRUE(Run(Foreign("SELECT 1"))) << "free again";
}

// One device's set may be larger than what a foreign SELECT may make.
TEST_P(SelectTest, ForeignSelectReadsLargeSets) {
  EnrolDevice(store(), DeviceId(1), "a", kStart);
  Rows rows;
  std::uint64_t noise = 1;
  for (int i = 0; i < 20; ++i) {
    v1::Software row;
    row.set_manager("dpkg");
    row.set_name("package-" + std::to_string(i));
    std::string unknown;  // field 99, of a newer agent: no coder makes it smaller
    while (unknown.size() < 63'000) {
      noise = noise * 6364136223846793005u + 1442695040888963407u;
      unknown += static_cast<char>(noise >> 56);
    }
    std::string bytes = row.SerializeAsString();
    bytes += "\x9a\x06";
    bytes += static_cast<char>(0x80 | (unknown.size() & 0x7f));
    bytes += static_cast<char>(0x80 | (unknown.size() >> 7 & 0x7f));
    bytes += static_cast<char>(unknown.size() >> 14);
    rows.push_back(bytes + unknown);
  }
  ASSERT_EQ(FeedSection(store(), DeviceId(1), "software", rows, kStart).outcome(), v1::APPLIED);
  const Status done = Run(Foreign("SELECT name, installed_at FROM installation"));
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(rows_, 20);
}

TEST_P(SelectTest, DeviceWithEndlessAddressesIsShownShort) {
  EnrolDevice(store(), DeviceId(1), "a", kStart);
  Rows rows;
  for (int i = 0; i < 40; ++i) {
    std::vector<std::string> addresses(1, std::string(60'000, '7'));
    for (int n = 0; n < 100; ++n) addresses.push_back("10." + std::to_string(i) + "." + std::to_string(n) + ".1/24");
    rows.push_back(InterfaceRow("eth" + std::to_string(i), std::string(1000, 'a'), addresses));
  }
  ASSERT_EQ(FeedSection(store(), DeviceId(1), "network", rows, kStart).outcome(), v1::APPLIED);
  EXPECT_EQ(AskOne(store(), "SELECT json_array_length(addresses) || ' ' || macs FROM device"), "1000 []");
}

INSTANTIATE_TEST_SUITE_P(Stores, SelectTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
