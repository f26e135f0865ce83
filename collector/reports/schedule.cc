#include "collector/reports/schedule.h"

#include <array>
#include <cstdio>
#include <vector>

#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::array<std::string_view, 7> kWeekdays = {"sunday",   "monday", "tuesday", "wednesday",
                                                       "thursday", "friday", "saturday"};
constexpr int kDaysLooked = 9;  // a week, and a day on either side for time zones that skip a date

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<unsigned> ParseWeekday(std::string_view text) {
  const std::string lower = LowerCase(text);
  for (unsigned day = 0; day < kWeekdays.size(); ++day) {
    if (lower == kWeekdays[day] || lower == kWeekdays[day].substr(0, 3)) return day;
  }
  return std::nullopt;
}

bool ParseTimeOfDay(std::string_view text, Schedule& schedule) {
  if (text.size() != 5 || text[2] != ':') return false;
  const auto hour = ParseUint32(text.substr(0, 2));
  const auto minute = ParseUint32(text.substr(3));
  if (!hour || !minute || *hour > 23 || *minute > 59) return false;
  schedule.hour = static_cast<int>(*hour);
  schedule.minute = static_cast<int>(*minute);
  return true;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : Split(text, ' ')) {
    if (!Trim(word).empty()) words.push_back(Trim(word));
  }
  return words;
}

// The scheduled time of the local day `days` after that of `local`; absent: another weekday.
std::optional<UnixTime> OnDay(const Schedule& schedule, const LocalTime& local, int days) {
  // Modulo 7 of the weekday; 14 keeps it positive for days down to -14.
  const unsigned weekday = static_cast<unsigned>(static_cast<int>(local.weekday) + 14 + days) % 7;
  if (schedule.weekday && *schedule.weekday != weekday) return std::nullopt;
  LocalTime at = local;
  at.day = static_cast<unsigned>(static_cast<int>(local.day) + days);  // may wrap below 1: FromLocal takes it back
  at.hour = schedule.hour;
  at.minute = schedule.minute;
  at.second = 0;
  const auto time = FromLocal(at, schedule.zone);
  if (!time) return std::nullopt;
  return *time;
}

Schedule InKnownZone(const Schedule& schedule) {
  Schedule known = schedule;
  if (!CheckZone(known.zone)) known.zone = "UTC";
  return known;
}

}  // namespace

Result<Schedule> ParseSchedule(std::string_view text) {
  const auto wrong = [&](const std::string& what) {
    return Fail(Code::kInvalidArgument, "schedule '" + CleanText(text) + "': " + what +
                                            "; write \"daily HH:MM ZONE\" or \"weekly WEEKDAY HH:MM ZONE\", such as "
                                            "\"weekly monday 06:30 Asia/Tokyo\"");
  };
  std::vector<std::string_view> words = Words(text);
  if (words.empty() || (words[0] != "daily" && words[0] != "weekly"))
    return wrong("it must begin with daily or weekly");
  Schedule schedule;
  std::size_t next = 1;
  if (words[0] == "weekly") {
    if (words.size() > next) schedule.weekday = ParseWeekday(words[next]);
    if (!schedule.weekday) return wrong("after weekly comes a weekday in English");
    ++next;
  }
  if (words.size() <= next || !ParseTimeOfDay(words[next], schedule))
    return wrong("the time must be HH:MM, 00:00 to 23:59");
  ++next;
  if (words.size() > next) schedule.zone = words[next++];
  if (words.size() > next) return wrong("there is something behind the time zone");
  if (auto known = CheckZone(schedule.zone); !known) return wrong(known.error().message);
  return schedule;
}

std::string FormatSchedule(const Schedule& schedule) {
  char time[32];
  std::snprintf(time, sizeof time, "%02d:%02d ", schedule.hour, schedule.minute);
  const std::string day = schedule.weekday ? "weekly " + std::string(kWeekdays[*schedule.weekday % 7]) : "daily";
  return day + " " + time + schedule.zone;
}

UnixTime NextScheduled(const Schedule& schedule, UnixTime time) {
  const Schedule known = InKnownZone(schedule);
  const auto local = ToLocal(time, known.zone);
  // From the day before: where clocks are set back over midnight, yesterday's time may still be to come.
  for (int day = -1; local && day <= kDaysLooked; ++day) {
    const auto at = OnDay(known, *local, day);
    if (at && *at > time) return *at;
  }
  return time + 7 * 86'400;
}

UnixTime LastScheduled(const Schedule& schedule, UnixTime time) {
  const Schedule known = InKnownZone(schedule);
  const auto local = ToLocal(time, known.zone);
  for (int day = 1; local && day >= -kDaysLooked; --day) {
    const auto at = OnDay(known, *local, day);
    if (at && *at <= time) return *at;
  }
  return time - 7 * 86'400;
}

}  // namespace daicho::collector
