#include "collector/reports/schedule.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "common/time_format.h"

namespace daicho::collector {
namespace {

struct Turn {
  const char* schedule;
  const char* time;
  const char* next;
  const char* last;
};

class ScheduleTable : public ::testing::TestWithParam<Turn> {};

TEST_P(ScheduleTable, TellsNextAndLast) {
  const auto schedule = ParseSchedule(GetParam().schedule);
  ASSERT_TRUE(schedule) << schedule.error().message;
  const UnixTime time = ParseTime(GetParam().time).value();
  EXPECT_EQ(FormatTime(NextScheduled(*schedule, time)), GetParam().next);
  EXPECT_EQ(FormatTime(LastScheduled(*schedule, time)), GetParam().last);
}

INSTANTIATE_TEST_SUITE_P(
    Tokyo, ScheduleTable,
    ::testing::Values(
        Turn{"daily 02:00 Asia/Tokyo", "2026-03-31T16:59:59Z", "2026-03-31T17:00:00Z", "2026-03-30T17:00:00Z"},
        Turn{"daily 02:00 Asia/Tokyo", "2026-03-31T17:00:00Z", "2026-04-01T17:00:00Z", "2026-03-31T17:00:00Z"},
        Turn{"daily 00:00", "2026-12-31T14:59:59Z", "2026-12-31T15:00:00Z", "2026-12-30T15:00:00Z"},
        Turn{"weekly monday 06:30 Asia/Tokyo", "2026-04-01T00:00:00Z", "2026-04-05T21:30:00Z", "2026-03-29T21:30:00Z"},
        Turn{"weekly sun 23:59", "2026-04-05T14:59:00Z", "2026-04-12T14:59:00Z", "2026-04-05T14:59:00Z"},
        Turn{"daily 12:00 UTC", "2028-02-28T12:00:00Z", "2028-02-29T12:00:00Z", "2028-02-28T12:00:00Z"}));

// 2026-03-29 02:00 → 03:00, 2026-10-25 03:00 → 02:00.
INSTANTIATE_TEST_SUITE_P(
    Berlin, ScheduleTable,
    ::testing::Values(
        // The time does not exist: at the change.
        Turn{"daily 02:30 Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z", "2026-03-28T01:30:00Z"},
        Turn{"daily 02:30 Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z", "2026-03-29T01:00:00Z"},
        // It comes twice: only the first counts.
        Turn{"daily 02:30 Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z", "2026-10-24T00:30:00Z"},
        Turn{"daily 02:30 Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z", "2026-10-25T00:30:00Z"},
        Turn{"daily 02:30 Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-26T01:30:00Z", "2026-10-25T00:30:00Z"},
        Turn{"weekly sunday 12:00 Europe/Berlin", "2026-03-22T11:00:00Z", "2026-03-29T10:00:00Z",
             "2026-03-22T11:00:00Z"}));

// 2026-03-08 02:00 → 03:00, 2026-11-01 02:00 → 01:00.
INSTANTIATE_TEST_SUITE_P(
    NewYork, ScheduleTable,
    ::testing::Values(
        Turn{"daily 02:00 America/New_York", "2026-03-08T00:00:00Z", "2026-03-08T07:00:00Z", "2026-03-07T07:00:00Z"},
        Turn{"daily 02:00 America/New_York", "2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z", "2026-03-08T07:00:00Z"},
        Turn{"daily 01:15 America/New_York", "2026-11-01T04:00:00Z", "2026-11-01T05:15:00Z", "2026-10-31T05:15:00Z"},
        Turn{"daily 01:15 America/New_York", "2026-11-01T06:15:00Z", "2026-11-02T06:15:00Z", "2026-11-01T05:15:00Z"}));

TEST(Schedule, IsWrittenAsItIsRead) {
  for (const auto& [text, written] : std::vector<std::pair<std::string, std::string>>{
           {"daily 02:00", "daily 02:00 Asia/Tokyo"},
           {"  daily   02:00  Europe/Berlin ", "daily 02:00 Europe/Berlin"},
           {"weekly MON 06:30", "weekly monday 06:30 Asia/Tokyo"},
           {"weekly Saturday 23:59 UTC", "weekly saturday 23:59 UTC"}}) {
    const auto schedule = ParseSchedule(text);
    ASSERT_TRUE(schedule) << schedule.error().message;
    EXPECT_EQ(FormatSchedule(*schedule), written);
    EXPECT_EQ(*ParseSchedule(written), *schedule);
  }
}

TEST(Schedule, WrongOnesSayWhatWasExpected) {
  for (const auto& [text, message] :
       std::vector<std::pair<std::string, std::string>>{{"", "must begin with daily or weekly"},
                                                        {"hourly", "must begin with daily or weekly"},
                                                        {"daily", "the time must be HH:MM"},
                                                        {"daily 24:00", "the time must be HH:MM"},
                                                        {"daily 2:00", "the time must be HH:MM"},
                                                        {"daily 02:60", "the time must be HH:MM"},
                                                        {"daily 02:0x", "the time must be HH:MM"},
                                                        {"weekly 02:00", "after weekly comes a weekday"},
                                                        {"weekly mo 02:00", "after weekly comes a weekday"},
                                                        {"daily 02:00 Asia/Edo", "no time zone 'Asia/Edo'"},
                                                        {"daily 02:00 ../../etc/passwd", "no time zone"},
                                                        {"daily 02:00 UTC now", "something behind the time zone"}}) {
    const auto schedule = ParseSchedule(text);
    ASSERT_FALSE(schedule) << text;
    EXPECT_EQ(schedule.error().code, Code::kInvalidArgument);
    EXPECT_NE(schedule.error().message.find(message), std::string::npos) << schedule.error().message;
  }
}

TEST(LocalTimes, AreThoseOfTheZone) {
  const UnixTime time = ParseTime("2026-04-01T15:00:00Z").value();
  EXPECT_EQ(FormatLocalDateTime(time, "Asia/Tokyo"), "2026-04-02 00:00:00");
  EXPECT_EQ(FormatLocalDate(time, "America/New_York"), "2026-04-01");
  EXPECT_EQ(FormatLocalDateTime(time, "No/Where"), "2026-04-01 15:00:00Z");
  EXPECT_EQ(FormatLocalDate(time, "No/Where"), "2026-04-01Z");
}

// A report has millions of times: each is written as if it were alone.
TEST(LocalTimes, OfManyAreThoseOfEach) {
  std::vector<UnixTime> times = {0,
                                 -1,
                                 1,
                                 86'399,
                                 86'400,
                                 -86'400,
                                 1'774'745'999,  // Europe/Berlin, clocks are set forward
                                 1'774'746'000,
                                 1'793'494'799,  // and back
                                 1'793'494'800,
                                 -2'587'712'401,  // Asia/Tokyo had a local mean time
                                 -62'135'596'800,
                                 -62'135'596'801,
                                 -62'135'510'400,
                                 253'402'300'799,
                                 253'402'300'800,
                                 253'402'214'399,
                                 std::numeric_limits<std::int32_t>::max(),
                                 std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1};
  std::mt19937_64 random(11);
  for (int i = 0; i < 5'000; ++i) {
    times.push_back(static_cast<UnixTime>(random() % 8'000'000'000) - 4'000'000'000);
    times.push_back(times.back() + static_cast<UnixTime>(random() % 100'000));
    times.push_back(static_cast<UnixTime>(random() % 500'000'000'000) - 200'000'000'000);
  }
  for (const char* zone :
       {"Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "No/Where"}) {
    LocalTimes local(zone);
    for (const UnixTime time : times) {
      std::string text;
      local.Append(time, text);
      ASSERT_EQ(text, FormatLocalDateTime(time, zone)) << time << " in " << zone;
    }
  }
}

}  // namespace
}  // namespace daicho::collector
