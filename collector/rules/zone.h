// Time zones by their IANA names, from the system's tz database. Reads that database; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

inline constexpr std::string_view kDefaultZone = "Asia/Tokyo";

// A date and a time of day as a clock on the wall shows them.
struct LocalTime {
  int year = 1970;
  unsigned month = 1;  // 1..12
  unsigned day = 1;    // 1..31; days past the end of a month are carried over
  int hour = 0;
  int minute = 0;
  int second = 0;
  unsigned weekday = 4;  // 0 = Sunday; filled by ToLocal(), ignored by FromLocal()
};

// kInvalidArgument: no zone of that name.
Status CheckZone(std::string_view zone);

Result<LocalTime> ToLocal(UnixTime time, std::string_view zone);

// The instant at which the wall clock shows `local`. Shown twice (clocks were set back): the first of the two. Never
// shown (clocks were set forward): the instant of the change.
Result<UnixTime> FromLocal(const LocalTime& local, std::string_view zone);

// "2026-04-01" and "2026-04-01 09:00:00"; in UTC with a "Z" behind it if the zone is not known.
std::string FormatLocalDate(UnixTime time, std::string_view zone);
std::string FormatLocalDateTime(UnixTime time, std::string_view zone);

// How long a zone's clocks keep one distance to UTC.
struct ZonePeriod {
  UnixTime begin = 0;
  UnixTime end = 0;     // the first second after it
  UnixTime offset = 0;  // seconds east of UTC
};

// The period that `time` is in. kInvalidArgument: no zone of that name.
Result<ZonePeriod> FindPeriod(UnixTime time, std::string_view zone);

// FormatLocalDateTime for very many times of one zone: what it found out for one serves for those near it. Threads: one
// at a time.
class LocalTimes {
 public:
  explicit LocalTimes(std::string_view zone) : zone_(zone) {}

  void Append(UnixTime time, std::string& out);

 private:
  const std::string zone_;
  ZonePeriod period_;
  std::int64_t day_ = 0;  // since 1970, in the zone
  std::string date_;      // "1970-01-01 " of it; empty: not made yet
};

}  // namespace daicho::collector
