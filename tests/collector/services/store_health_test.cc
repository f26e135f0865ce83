#include "collector/store_health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace daicho::collector {
namespace {

const Status kGood;
const Status kFull = Fail(Code::kResourceExhausted, "disk full");

TEST(StoreHealth, LastCommitDecides) {
  StoreHealth health;
  EXPECT_TRUE(health.serving());
  health.Note(kFull, 100);
  health.Note(kFull, 200);
  EXPECT_FALSE(health.serving());
  EXPECT_EQ(health.failing_since(), 100);
  EXPECT_EQ(health.Problem(), "the store takes no writes since 1970-01-01T00:01:40Z: disk full");
  health.Note(kGood, 300);
  EXPECT_TRUE(health.serving());
  EXPECT_EQ(health.failing_since(), 0);
  EXPECT_EQ(health.Problem(), "");
}

TEST(StoreHealth, ListenerHearsWhatIsAndEachChange) {
  StoreHealth health;
  health.Note(kFull, 1);
  std::vector<bool> heard;
  const auto subscription = health.Subscribe([&](bool serving) { heard.push_back(serving); });
  health.Note(kFull, 2);
  health.Note(kGood, 3);
  health.Note(kGood, 4);
  EXPECT_THAT(heard, testing::ElementsAre(false, true));
  health.Unsubscribe(subscription);
  health.Note(kFull, 5);
  EXPECT_EQ(heard.size(), 2u);
}

}  // namespace
}  // namespace daicho::collector
