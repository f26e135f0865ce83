#include "collector/rules/zone.h"

#include <date/tz.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <iterator>

#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr UnixTime kDay = 86'400;

// The tz library throws for an unknown zone and for a tz database that cannot be read.
Result<const date::time_zone*> FindZone(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::exception&) {
    return Fail(Code::kInvalidArgument, "no time zone '" + CleanText(name) +
                                            "' in the system's tz database; write an IANA name such as Asia/Tokyo");
  }
}

}  // namespace

Status CheckZone(std::string_view zone) {
  const auto found = FindZone(zone);
  if (!found) return std::unexpected(found.error());
  return {};
}

Result<LocalTime> ToLocal(UnixTime time, std::string_view zone) {
  const auto found = FindZone(zone);
  if (!found) return std::unexpected(found.error());
  const date::sys_seconds instant{seconds{time}};
  try {
    const auto local = (*found)->to_local(instant);
    const auto day = date::floor<date::days>(local);
    const date::year_month_day date{day};
    const date::hh_mm_ss<seconds> clock{local - day};
    return LocalTime{.year = static_cast<int>(date.year()),
                     .month = static_cast<unsigned>(date.month()),
                     .day = static_cast<unsigned>(date.day()),
                     .hour = static_cast<int>(clock.hours().count()),
                     .minute = static_cast<int>(clock.minutes().count()),
                     .second = static_cast<int>(clock.seconds().count()),
                     .weekday = date::weekday{day}.c_encoding()};
  } catch (const std::exception& error) {
    return Fail(Code::kInvalidArgument, "time zone '" + std::string(zone) + "': " + error.what());
  }
}

Result<UnixTime> FromLocal(const LocalTime& local, std::string_view zone) {
  const auto found = FindZone(zone);
  if (!found) return std::unexpected(found.error());
  // Through the first of the month, so that day 32 is a day of the next month.
  const date::year_month_day first{date::year{local.year}, date::month{local.month}, date::day{1}};
  const auto shown = date::local_days{first} + date::days{static_cast<int>(local.day) - 1} + hours{local.hour} +
                     minutes{local.minute} + seconds{local.second};
  try {
    const date::local_info info = (*found)->get_info(shown);
    if (info.result == date::local_info::nonexistent) return info.first.end.time_since_epoch().count();
    return (shown.time_since_epoch() - info.first.offset).count();
  } catch (const std::exception& error) {
    return Fail(Code::kInvalidArgument, "time zone '" + std::string(zone) + "': " + error.what());
  }
}

std::string FormatLocalDate(UnixTime time, std::string_view zone) {
  const auto local = ToLocal(time, zone);
  if (!local) return FormatTime(time).substr(0, 10) + "Z";
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", local->year, local->month, local->day);
  return text;
}

std::string FormatLocalDateTime(UnixTime time, std::string_view zone) {
  const auto local = ToLocal(time, zone);
  if (!local) {
    std::string utc = FormatTime(time);
    utc[10] = ' ';
    return utc;
  }
  char text[80];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d:%02d", local->year, local->month, local->day, local->hour,
                local->minute, local->second);
  return text;
}

Result<ZonePeriod> FindPeriod(UnixTime time, std::string_view zone) {
  const auto found = FindZone(zone);
  if (!found) return std::unexpected(found.error());
  try {
    const date::sys_info info = (*found)->get_info(date::sys_seconds{seconds{time}});
    return ZonePeriod{.begin = info.begin.time_since_epoch().count(),
                      .end = info.end.time_since_epoch().count(),
                      .offset = info.offset.count()};
  } catch (const std::exception& error) {
    return Fail(Code::kInvalidArgument, "time zone '" + std::string(zone) + "': " + error.what());
  }
}

void LocalTimes::Append(UnixTime time, std::string& out) {
  // Of years that have four digits wherever one is; a device may send any number.
  constexpr UnixTime kFirst = -62'135'596'800 + kDay;
  constexpr UnixTime kLast = 253'402'300'799 - kDay;
  const auto is_in_period = [&] { return time >= period_.begin && time < period_.end; };
  const bool is_usual = time >= kFirst && time <= kLast;
  if (is_usual && !is_in_period()) period_ = FindPeriod(time, zone_).value_or(ZonePeriod());
  if (!is_usual || !is_in_period()) {
    out += FormatLocalDateTime(time, zone_);
    return;
  }
  const UnixTime local = time + period_.offset;
  const std::int64_t day = local / kDay - (local % kDay < 0 ? 1 : 0);
  if (day != day_ || date_.empty()) {
    day_ = day;
    date_ = FormatTime(day * kDay).replace(10, std::string::npos, " ");
  }
  const auto second = static_cast<unsigned>(local - day * kDay);
  const unsigned parts[] = {second / 3600, second / 60 % 60, second % 60};
  char clock[] = "00:00:00";
  for (std::size_t i = 0; i < std::size(parts); ++i) {
    clock[3 * i] = static_cast<char>('0' + parts[i] / 10);
    clock[3 * i + 1] = static_cast<char>('0' + parts[i] % 10);
  }
  out.append(date_).append(clock, 8);
}

}  // namespace daicho::collector
