#include "collector/ctl/arguments.h"

#include <algorithm>
#include <ctime>
#include <optional>

#include "collector/ctl/texts.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

std::optional<std::int64_t> UnitSeconds(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return kMinute;
    case 'h':
      return kHour;
    case 'd':
      return kDay;
    default:
      return std::nullopt;
  }
}

// The second before the local midnight that ends the day of `midnight_utc`.
UnixTime EndOfLocalDay(UnixTime midnight_utc) {
  const std::time_t utc = midnight_utc;
  std::tm parts{};
  ::gmtime_r(&utc, &parts);
  parts.tm_mday += 1;
  parts.tm_isdst = -1;
  return ::mktime(&parts) - 1;
}

// Precondition: ParseTime takes it.
bool IsDateAlone(std::string_view text) { return text.size() == std::string_view("2026-12-31").size(); }

}  // namespace

Result<std::uint32_t> ParseValidity(std::string_view text, Language language) {
  const auto unit = text.empty() ? std::nullopt : UnitSeconds(text.back());
  const auto count = text.empty() ? std::nullopt : ParseUint32(text.substr(0, text.size() - 1));
  const std::int64_t seconds = unit && count ? *unit * *count : 0;
  if (seconds < kMinute || seconds > 30 * kDay) {
    return Fail(Code::kInvalidArgument, Say(language, Text::kErrDuration, {CleanText(text)}));
  }
  return static_cast<std::uint32_t>(seconds);
}

Result<UnixTime> ParseUntil(std::string_view text, UnixTime now, Language language) {
  const Result<UnixTime> parsed = ParseTime(text);
  if (!parsed) {
    return Fail(Code::kInvalidArgument, Say(language, Text::kErrUntil, {CleanText(text)}));
  }
  const UnixTime until = IsDateAlone(text) ? EndOfLocalDay(*parsed) : *parsed;
  if (until <= now) {
    return Fail(Code::kInvalidArgument, Say(language, Text::kErrUntilPast, {CleanText(text)}));
  }
  return until;
}

Result<UnixTime> ParseMoment(std::string_view option, std::string_view text, UnixTime now, Language language) {
  const Result<UnixTime> parsed = ParseTime(text);
  if (!parsed) return Fail(Code::kInvalidArgument, Say(language, Text::kErrMoment, {option, CleanText(text)}));
  UnixTime moment = *parsed;
  if (IsDateAlone(text)) {
    moment = EndOfLocalDay(*parsed);
    const bool is_today = moment > now && EndOfLocalDay(*parsed - kDay) < now;
    if (is_today) moment = now;
  }
  if (moment > now)
    return Fail(Code::kInvalidArgument, Say(language, Text::kErrMomentAhead, {option, CleanText(text)}));
  return moment;
}

Result<UnixTime> ParseSince(std::string_view option, std::string_view text, UnixTime now, Language language) {
  const Result<UnixTime> parsed = ParseTime(text);
  if (!parsed || !IsDateAlone(text)) return ParseMoment(option, text, now, language);
  const UnixTime moment = EndOfLocalDay(*parsed - kDay);
  if (moment > now)
    return Fail(Code::kInvalidArgument, Say(language, Text::kErrMomentAhead, {option, CleanText(text)}));
  return moment;
}

Language ChooseLanguage(const std::vector<std::string>& arguments, const Environment& environment) {
  constexpr std::string_view kOption = "--lang";
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view value = arguments[i];
    if (value == kOption && i + 1 < arguments.size()) {
      value = arguments[i + 1];
    } else if (value.starts_with("--lang=")) {
      value.remove_prefix(kOption.size() + 1);
    } else {
      continue;
    }
    if (value == "ja") return Language::kJapanese;
    if (value == "en") return Language::kEnglish;
  }
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const std::string locale = environment(variable);
    if (!locale.empty()) return locale.starts_with("ja") ? Language::kJapanese : Language::kEnglish;
  }
  return Language::kEnglish;
}

std::string Age(UnixTime at, UnixTime now, Language language) {
  if (at == 0) return "";
  const UnixTime seconds = std::max<UnixTime>(now - at, 0);  // clocks of two machines
  const auto say = [&](Text text, UnixTime unit) { return Say(language, text, {std::to_string(seconds / unit)}); };
  if (seconds < kMinute) return say(Text::kAgeSeconds, 1);
  if (seconds < kHour) return say(Text::kAgeMinutes, kMinute);
  if (seconds < 2 * kDay) return say(Text::kAgeHours, kHour);
  return say(Text::kAgeDays, kDay);
}

}  // namespace daicho::collector
