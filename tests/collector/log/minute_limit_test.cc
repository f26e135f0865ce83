#include "collector/log/minute_limit.h"

#include <gtest/gtest.h>

namespace daicho::collector {
namespace {

constexpr UnixTime kMinute = 60;
constexpr UnixTime kNow = 1'800'000'000 / kMinute * kMinute;

int Admitted(MinuteLimit& limit, int times, UnixTime now) {
  int admitted = 0;
  for (int i = 0; i < times; ++i) admitted += limit.Admit(now) ? 1 : 0;
  return admitted;
}

TEST(MinuteLimit, BeyondItTheyAreCountedAndToldOnceInTheNextMinute) {
  MinuteLimit limit(3);
  EXPECT_EQ(Admitted(limit, 10, kNow), 3);
  EXPECT_EQ(limit.TakeUntold(kNow + 59), 0u) << "the minute is not over";
  EXPECT_EQ(limit.TakeUntold(kNow + 60), 7u);
  EXPECT_EQ(limit.TakeUntold(kNow + 60), 0u);
  EXPECT_EQ(Admitted(limit, 10, kNow + 60), 3);
}

TEST(MinuteLimit, WhatWasNotToldIsKept) {
  MinuteLimit limit(1);
  Admitted(limit, 3, kNow);
  Admitted(limit, 4, kNow + kMinute);
  EXPECT_EQ(limit.TakeUntold(kNow + 2 * kMinute), 2u + 3u);
}

TEST(MinuteLimit, ClockThatWasSetBackDoesNotSilence) {
  MinuteLimit limit(1);
  Admitted(limit, 2, kNow);
  EXPECT_EQ(limit.TakeUntold(kNow - kMinute), 1u);
  EXPECT_EQ(Admitted(limit, 2, kNow - kMinute), 1);
}

}  // namespace
}  // namespace daicho::collector
