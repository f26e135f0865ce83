// How often a device may call, when those that were turned away come back, and whose call it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "collector/enrol/peer.h"
#include "collector/ingest/device_limits.h"
#include "collector/ingest/retry_pace.h"

namespace daicho::collector {
namespace {

using testing::HasSubstr;

constexpr UnixTime kNow = 1'775'001'600;

TEST(DeviceLimits, SoManyCallsAtOnceAndOthersAreNotConcerned) {
  DeviceLimits limits({.calls_at_once = 2, .calls_per_minute = 100});
  std::vector<DeviceLimits::Pass> running;
  for (int i = 0; i < 2; ++i) {
    auto pass = limits.Enter("a", kNow);
    ASSERT_TRUE(pass);
    running.push_back(std::move(*pass));
  }
  const auto third = limits.Enter("a", kNow);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, Code::kResourceExhausted);
  EXPECT_THAT(third.error().message, HasSubstr("2 calls"));
  EXPECT_TRUE(limits.Enter("b", kNow));
  running.pop_back();
  EXPECT_TRUE(limits.Enter("a", kNow)) << "one ended";
}

TEST(DeviceLimits, SoManyCallsAMinuteThenAsTimeGivesThemBack) {
  DeviceLimits limits({.calls_at_once = 100, .calls_per_minute = 6});
  const auto count = [&](UnixTime now) {
    int in = 0;
    while (in < 50 && limits.Enter("a", now)) ++in;
    return in;
  };
  EXPECT_EQ(count(kNow), 6);
  EXPECT_EQ(count(kNow + 9), 0);
  EXPECT_EQ(count(kNow + 20), 2) << "one for each ten seconds";
  EXPECT_EQ(count(kNow + 3600), 6) << "a pause gives a minute's calls and no more";
  EXPECT_EQ(count(kNow + 3600 - 7200), 0) << "a clock that was set back gives none";
  EXPECT_EQ(count(kNow + 3600 - 7200 + 10), 1) << "and keeps nobody out";
}

TEST(DeviceLimits, CallUnderWayIsNotForgottenWithTheQuietOnes) {
  DeviceLimits limits({.calls_at_once = 1, .calls_per_minute = 60});
  const auto running = limits.Enter("a", kNow);
  ASSERT_TRUE(running);
  EXPECT_TRUE(limits.Enter("b", kNow + 600));
  EXPECT_FALSE(limits.Enter("a", kNow + 600));
}

TEST(RetryPace, ComesAtARateThatCanBeServed) {
  RetryPace pace;
  std::map<std::uint32_t, int> in_second;
  for (int i = 0; i < 1'000; ++i) ++in_second[pace.Next(kNow)];
  EXPECT_EQ(in_second.begin()->first, RetryPace::kShortest);
  for (const auto& [second, count] : in_second) EXPECT_EQ(count, RetryPace::kPerSecond) << second;
  EXPECT_EQ(in_second.rbegin()->first, RetryPace::kShortest + 1'000 / RetryPace::kPerSecond - 1);
}

TEST(RetryPace, IsNeverLongerThanAnHourAndBeginsAnewOnceTheStormIsOver) {
  RetryPace pace;
  std::uint32_t longest = 0;
  for (int i = 0; i < 300'000; ++i) longest = std::max(longest, pace.Next(kNow));
  EXPECT_EQ(longest, RetryPace::kLongest);
  EXPECT_EQ(pace.Next(kNow + 2 * RetryPace::kLongest), RetryPace::kShortest);
  EXPECT_EQ(pace.Next(kNow - 86'400), RetryPace::kShortest) << "the clock was set back";
}

struct PeerCase {
  const char* address;
  const char* host;
};
class PeerHostTest : public testing::TestWithParam<PeerCase> {};

TEST_P(PeerHostTest, IsTheHostAlone) { EXPECT_EQ(PeerHost(GetParam().address), GetParam().host); }

// As grpc::ServerContextBase::peer() writes them.
INSTANTIATE_TEST_SUITE_P(All, PeerHostTest,
                         testing::Values(PeerCase{"ipv4:192.0.2.5:40112", "192.0.2.5"},
                                         PeerCase{"ipv6:[2001:db8::5]:40112", "2001:db8::5"},
                                         PeerCase{"ipv6:%5B2001:db8::5%5D:40112", "2001:db8::5"},
                                         PeerCase{"unix:/run/x.sock", "unix:/run/x.sock"}, PeerCase{"", ""}));

}  // namespace
}  // namespace daicho::collector
