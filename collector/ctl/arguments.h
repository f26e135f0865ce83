// Values of the command line and the environment. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/ctl/profile.h"
#include "collector/reports/table.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

// Seconds of "90s", "30m", "24h", "7d". kInvalidArgument: another form, under a minute or over 30 days.
Result<std::uint32_t> ParseValidity(std::string_view text, Language language);

// A date alone is the last second of that day in the local time zone, because "until the 31st" includes the 31st;
// otherwise RFC 3339. kInvalidArgument otherwise, or when it is not after `now`.
Result<UnixTime> ParseUntil(std::string_view text, UnixTime now, Language language);

// A moment of the past that `option` names. A date alone is the last second of that day in the local time zone, today
// `now`; otherwise RFC 3339. kInvalidArgument otherwise, or when it is after `now`.
Result<UnixTime> ParseMoment(std::string_view option, std::string_view text, UnixTime now, Language language);

// The moment from which something changed: as ParseMoment, but a date alone is the last second before that day, because
// "since the 1st" includes the 1st.
Result<UnixTime> ParseSince(std::string_view option, std::string_view text, UnixTime now, Language language);

// The language for help and errors, wanted before the command line is parsed: --lang if it is there and known,
// otherwise the first of LC_ALL, LC_MESSAGES and LANG that is set; Japanese for ja*, else English.
Language ChooseLanguage(const std::vector<std::string>& arguments, const Environment& environment);

// "5 min ago"; blank for a time that is not known (0).
std::string Age(UnixTime at, UnixTime now, Language language);

}  // namespace daicho::collector
