// When a scheduled export runs. Pure but for the tz database; thread-safe.
//
// Written as "daily HH:MM [ZONE]" or "weekly WEEKDAY HH:MM [ZONE]": "weekly monday 06:30 Asia/Tokyo". WEEKDAY is
// an English name or its first three letters, ZONE an IANA name (default Asia/Tokyo). On a day on which the time does
// not exist (clocks are set forward) it runs at the change; where it comes twice, at the first.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collector/rules/zone.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

struct Schedule {
  std::optional<unsigned> weekday;  // 0 = Sunday; absent: daily
  int hour = 0;
  int minute = 0;
  std::string zone = std::string(kDefaultZone);

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

// kInvalidArgument; the message says what was expected.
Result<Schedule> ParseSchedule(std::string_view text);

// As ParseSchedule reads it, zone always stated.
std::string FormatSchedule(const Schedule& schedule);

// First scheduled time after `time`, and last one at or before it. Precondition: ParseSchedule's or a known zone;
// with an unknown one both are UTC.
UnixTime NextScheduled(const Schedule& schedule, UnixTime time);
UnixTime LastScheduled(const Schedule& schedule, UnixTime time);

}  // namespace daicho::collector
