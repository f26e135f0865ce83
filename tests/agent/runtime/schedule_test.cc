// When the resident agent comes next.
#include "agent/supervisor/schedule.h"

#include <gtest/gtest.h>

#include <set>

namespace daicho::agent {
namespace {

CycleRecord CheckedIn(std::uint32_t next) {
  CycleRecord record;
  record.next_check_in_seconds = next;
  return record;
}

CycleRecord Away(std::uint32_t retry_after = 0) {
  CycleRecord record;
  record.code = 14;
  record.retry_after_seconds = retry_after;
  return record;
}

constexpr ScheduleSettings kSettings{.start_delay_seconds = 10,
                                     .default_interval_seconds = 3600,
                                     .interval_limit_seconds = 7200,
                                     .first_retry_seconds = 30};

TEST(Schedule, FirstCycleComesWithinTheStartDelay) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) EXPECT_LE(Schedule(kSettings, seed).FirstDelay(), 10u);
  EXPECT_EQ(Schedule({.start_delay_seconds = 0}, 1).FirstDelay(), 0u);
}

TEST(Schedule, AfterACheckInTheCollectorSaysWhenWithinTheLimit) {
  Schedule schedule(kSettings, 1);
  EXPECT_EQ(schedule.DelayAfter(CheckedIn(300)), 300u);
  EXPECT_EQ(schedule.DelayAfter(CheckedIn(1'000'000)), 7200u);
  EXPECT_EQ(Schedule(kSettings, 1).DelayAfter(CheckedIn(0)), 3600u);
}

TEST(Schedule, RetriesComeTwiceAsLateEachTimeUpToTheInterval) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Schedule schedule(kSettings, seed);
    schedule.DelayAfter(CheckedIn(300));
    for (const std::uint32_t longest : {30u, 60u, 120u, 240u, 300u, 300u, 300u}) {
      const std::uint32_t delay = schedule.DelayAfter(Away());
      EXPECT_LE(delay, longest);
      EXPECT_GE(delay, longest / 2);
    }
  }
}

TEST(Schedule, ACheckInEndsTheBackOff) {
  Schedule schedule(kSettings, 1);
  for (int i = 0; i < 60; ++i) schedule.DelayAfter(Away());
  schedule.DelayAfter(CheckedIn(300));
  EXPECT_LE(schedule.DelayAfter(Away()), 30u);
}

TEST(Schedule, MachinesDoNotComeBackInStep) {
  std::set<std::uint32_t> delays;
  for (std::uint64_t seed = 0; seed < 50; ++seed) delays.insert(Schedule(kSettings, seed).DelayAfter(Away()));
  EXPECT_GT(delays.size(), 5u);
}

TEST(Schedule, PauseOfABusyCollectorIsHonoured) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::uint32_t delay = Schedule(kSettings, seed).DelayAfter(Away(1000));
    EXPECT_GE(delay, 1000u);
    EXPECT_LE(delay, 1250u);
  }
}

}  // namespace
}  // namespace daicho::agent
