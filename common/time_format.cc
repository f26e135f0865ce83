#include "common/time_format.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace daicho {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// Takes `digits` decimal digits and, if `mark` is not 0, that character behind them.
bool Take(std::string_view& text, std::size_t digits, char mark, int& value) {
  if (text.size() < digits + (mark != 0 ? 1 : 0)) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits || value < 0) return false;
  text.remove_prefix(digits);
  if (mark == 0) return true;
  if (text.front() != mark) return false;
  text.remove_prefix(1);
  return true;
}

// "Z", "+09:00", "-0330"; seconds east of UTC.
bool TakeOffset(std::string_view text, int& seconds) {
  if (text == "Z" || text == "z") {
    seconds = 0;
    return true;
  }
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const int sign = text.front() == '+' ? 1 : -1;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!Take(text, 2, text.size() == 5 ? ':' : 0, hours) || !Take(text, 2, 0, minutes) || !text.empty()) return false;
  seconds = sign * (hours * 3600 + minutes * 60);
  return hours < 24 && minutes < 60;
}

// Writes `digits` decimal digits of `value` to `at`.
void Put(unsigned value, int digits, char* at) {
  for (; digits > 0; value /= 10) at[--digits] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string FormatTime(UnixTime time) {
  // The years RFC 3339 has; a device may send any number.
  constexpr UnixTime kFirst = -62'135'596'800;
  constexpr UnixTime kLast = 253'402'300'799;
  const std::chrono::sys_seconds instant{std::chrono::seconds{std::clamp(time, kFirst, kLast)}};
  const auto day = std::chrono::floor<days>(instant);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{instant - day};
  std::string text = "0000-00-00T00:00:00Z";
  Put(static_cast<unsigned>(static_cast<int>(date.year())), 4, &text[0]);
  Put(static_cast<unsigned>(date.month()), 2, &text[5]);
  Put(static_cast<unsigned>(date.day()), 2, &text[8]);
  Put(static_cast<unsigned>(clock.hours().count()), 2, &text[11]);
  Put(static_cast<unsigned>(clock.minutes().count()), 2, &text[14]);
  Put(static_cast<unsigned>(clock.seconds().count()), 2, &text[17]);
  return text;
}

Result<UnixTime> ParseTime(std::string_view text) {
  const std::string_view whole = text;
  const auto bad = [&] {
    return Fail(Code::kInvalidArgument,
                "'" + std::string(whole) + "' is no time; write 2026-04-01 or 2026-04-01T09:00:00+09:00");
  };
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, offset = 0;
  if (!Take(text, 4, '-', year) || !Take(text, 2, '-', month) || !Take(text, 2, 0, day)) return bad();
  const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return bad();
  if (!text.empty()) {
    if (text.front() != 'T' && text.front() != 't' && text.front() != ' ') return bad();
    text.remove_prefix(1);
    if (!Take(text, 2, ':', hour) || !Take(text, 2, ':', minute) || !Take(text, 2, 0, second)) return bad();
    if (text.starts_with('.')) {
      text.remove_prefix(std::min(text.find_first_not_of("0123456789", 1), text.size()));
    }
    if (!TakeOffset(text, offset) || hour > 23 || minute > 59 || second > 60) return bad();
  }
  const auto midnight = sys_days{date}.time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(midnight).count() + hour * 3600 + minute * 60 + second -
         offset;
}

google::protobuf::Timestamp ToTimestamp(UnixTime time) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(time);
  return stamp;
}

UnixTime FromTimestamp(const google::protobuf::Timestamp& time) { return time.seconds(); }

}  // namespace daicho
