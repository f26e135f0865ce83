#include "collector/config_store.h"

#include <gtest/gtest.h>

#include "collector/config.h"

namespace daicho::collector {
namespace {

constexpr const char* kUrl = "postgresql://daicho@db.example.jp/ledger";

TEST(WithStore, ChangesNothingElseOfWhatInitWrites) {
  const std::string before = NewConfigText("127.0.0.1:1", "127.0.0.1:2", {}, "sqlite");
  std::string expected = before;
  expected.replace(expected.find("\"ledger.sqlite\""), 15, "\"" + std::string(kUrl) + "\"");
  EXPECT_EQ(WithStore(before, kUrl, "c").value_or("failed"), expected);
}

struct StoreCase {
  const char* before;
  const char* after;
};

TEST(WithStore, TakesWhateverAPersonWrote) {
  for (const auto& [before, after] :
       std::initializer_list<StoreCase>{{"[listen]\nagent = 'a'\n", "store = \"new\"\n[listen]\nagent = 'a'\n"},
                                        {"", "store = \"new\"\n"},
                                        {"# 台帳\nstore='old' # 古い\n", "# 台帳\nstore=\"new\" # 古い\n"},
                                        {"  store  =  \"a\\\"b\"\nnames = []\n", "  store  =  \"new\"\nnames = []\n"},
                                        {"store = \"台帳.sqlite\"  # \"\n", "store = \"new\"  # \"\n"},
                                        {"[x]\nstore = 'other'\n", "store = \"new\"\n[x]\nstore = 'other'\n"}}) {
    EXPECT_EQ(WithStore(before, "new", "c").value_or("failed"), after);
  }
}

TEST(WithStore, RefusesWhatItCannotChange) {
  EXPECT_FALSE(WithStore("store = 5", "new", "c"));
  EXPECT_FALSE(WithStore("store = \"\"\"a\nb\"\"\"", "new", "c"));
  EXPECT_FALSE(WithStore("store = ", "new", "c"));
}

}  // namespace
}  // namespace daicho::collector
