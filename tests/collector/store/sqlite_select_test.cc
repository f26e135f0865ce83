// What SELECTs of others may cost on SQLite, whose engine runs within the collector.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "collector/store/sqlite_store.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {
namespace {

using ::testing::HasSubstr;

class SqliteSelect : public ::testing::Test {
 protected:
  Status Run(const SelectRequest& request) {
    return store_->Select(request, [](auto, auto) { return true; });
  }

 private:
  const TemporaryFolder folder_;
  const std::unique_ptr<Store> store_ = OpenSqliteStore(folder_.File("ledger.db"), {.create = true}).value();
};

std::string Many(int rows) {
  return "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT " + std::to_string(rows) + ") ";
}

SelectRequest Foreign(const std::string& sql, std::int64_t limit_ms = 20'000) {
  SelectRequest request;
  request.sql = sql;
  request.limit_ms = limit_ms;
  request.foreign = true;
  return request;
}

std::int64_t PeakKib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST_F(SqliteSelect, ForeignSelectCannotExhaustTheMemory) {
  struct Case {
    int rows;
    std::string expression;
    Code code;
    std::string words;
  };
  // group_concat says that it is too big at its end only: of large values there are few, or the test would take long.
  const int few = 500;
  const int many = 20'000;
  const std::string big = "printf('%.*c', 900000, 'x')";
  std::string wide = "length(" + big + ")";
  for (int i = 0; i < 5; ++i) wide = "(" + wide + " + " + wide + ")";
  const std::int64_t before = PeakKib();
  for (const auto& [rows, expression, code, words] : {
           Case{few, "json_group_array(" + big + ")", Code::kInvalidArgument, "use json_list"},
           Case{few, "Json_Group_Object(x, " + big + ")", Code::kInvalidArgument, "use json_list"},
           Case{few, "json_list(" + big + ")", Code::kInvalidArgument, "too big"},
           Case{many, "json_list(x || 'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz')", Code::kInvalidArgument,
                "too big"},
           Case{few, "group_concat(" + big + ")", Code::kInvalidArgument, "too big"},
           Case{few, "count(zeroblob(2000000))", Code::kInvalidArgument, "too big"},
       }) {
    const Status done = Run(Foreign(Many(rows) + "SELECT " + expression + " FROM n"));
    ASSERT_FALSE(done) << expression;
    EXPECT_EQ(done.error().code, code) << expression << ": " << done.error().message;
    EXPECT_THAT(done.error().message, HasSubstr(words)) << expression;
  }
  EXPECT_LT(PeakKib() - before, 400 << 10);
  EXPECT_TRUE(Run(Foreign(Many(few) + "SELECT json_list(x), group_concat(x), max(" + wide + ") FROM n LIMIT 1")));
}

// Many values at once, each within its bound.
TEST_F(SqliteSelect, ForeignSelectOfManyLargeValuesIsEnded) {
  std::string sql = "SELECT 1";
  for (int i = 0; i < 600; ++i) sql += ", printf('%.*c', 900000 + abs(random() % 9), 'x')";
  const Status done = Run(Foreign(sql));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kResourceExhausted) << done.error().message;
  EXPECT_THAT(done.error().message, HasSubstr("too much memory"));
  EXPECT_TRUE(Run(Foreign("SELECT 1"))) << "the connection is as good as before";
}

TEST_F(SqliteSelect, RulesMayUseWhatForeignSelectsMayNot) {
  EXPECT_TRUE(Run({"SELECT json_group_array(1), length(zeroblob(2000000))", {}, {}, {}}));
}

}  // namespace
}  // namespace daicho::collector
