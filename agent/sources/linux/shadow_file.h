// /etc/shadow, shadow(5): name:password:last change:min:max:warn:inactive:expire:reserved, times in days since
// 1970-01-01 UTC. The hash is classified at once and never kept; no message carries anything of a line. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/sources/linux/file_issues.h"
#include "agent/sources/linux/password_field.h"
#include "common/clock.h"

namespace daicho::agent {

inline constexpr std::string_view kShadowPath = "/etc/shadow";
inline constexpr UnixTime kSecondsPerDay = 86'400;

struct ShadowEntry {
  PasswordState password = PasswordState::kNone;
  // Days; absent: the field is empty or negative, the feature is off.
  std::optional<std::int64_t> changed;
  std::optional<std::int64_t> max;
  std::optional<std::int64_t> inactive;
  std::optional<std::int64_t> expires;
  bool readable = true;  // false: the line is malformed, nothing but the name is known
};

struct ShadowFile {
  std::map<std::string, ShadowEntry, std::less<>> entries;  // by name; the first line of a name counts
  bool cut = false;                                         // ends within a line: entries may be missing
};

ShadowFile ParseShadow(std::string_view text, FileIssues& issues);

// As pam_unix(8) decides: the expiration day has come, or the password has been too old for longer than the inactivity
// period. A last change of 0 means "must change at next login" and expires nothing.
bool IsExpired(const ShadowEntry& entry, UnixTime now);

}  // namespace daicho::agent
