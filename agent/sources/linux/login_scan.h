// One pass over the records of a utmp(5) file: newest use of each account, and since when the records have no gap.
// Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/sources/linux/file_issues.h"
#include "agent/sources/linux/login_evidence.h"
#include "agent/sources/linux/login_records.h"

namespace daicho::agent {

// Index of accounts by the name as utmp(5) holds it.
using LoginNameIndex = std::unordered_map<std::string_view, std::size_t>;

struct LoginScan {
  std::optional<UnixTime> first_at;  // first good record after the last damage
  UnixTime newest_at = 0;            // 0: no good record
  bool damaged = false;              // some record cannot be used: what is before it does not join on
};

// Raises uses[i] of each account in `index` to its newest USER_PROCESS record that is newer; `path` names the file in
// issues, its base name becomes the source. Of wtmp (`log`) every record counts for time and damage; of utmp, a table
// of slots, only logins do.
LoginScan ScanLogins(std::string_view path, std::string_view bytes, bool log, const LoginNameIndex& index, UnixTime now,
                     std::span<AccountUse> uses, FileIssues& issues);

}  // namespace daicho::agent
