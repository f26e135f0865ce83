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
#include "common/error.h"

namespace daicho::agent {

// Index of accounts by the name as utmp(5) holds it.
using LoginNameIndex = std::unordered_map<std::string_view, std::size_t>;

struct LoginScan {
  std::optional<UnixTime> first_at;  // first good record after the last damage
  UnixTime newest_at = 0;            // 0: no good record
  bool damaged = false;              // some record cannot be used: what is before it does not join on
};

// Takes the records of one file; `path` names it in issues, its base name becomes the source. Of wtmp (`log`) every
// record counts for time and damage; of utmp, a table of slots, only logins do. The references must outlive the
// scanner.
class LoginScanner {
 public:
  LoginScanner(std::string_view path, bool log, const LoginNameIndex& index, UnixTime now, std::span<AccountUse> uses,
               FileIssues& issues)
      : path_(path), log_(log), index_(index), now_(now), uses_(uses), issues_(issues), newest_(uses.size()) {}

  // FileTree::TakeBytes.
  std::size_t Take(std::string_view bytes, bool last);

  std::size_t bytes() const { return bytes_; }  // taken

  // After the last bytes. Raises uses[i] of each account in `index` to its newest USER_PROCESS record that is newer.
  // kInvalidArgument: records of another architecture, by the first 57,600 bytes; none of them was used.
  Result<LoginScan> Finish();

 private:
  void TakeRecord(const LoginRecord& record);
  void TakeTime(const LoginRecord& record);
  void Break();

  struct Login {
    UnixTime at = 0;  // 0: none
    std::string from;
  };

  std::string_view path_;
  bool log_;
  const LoginNameIndex& index_;
  UnixTime now_;
  std::span<AccountUse> uses_;
  FileIssues& issues_;
  std::vector<Login> newest_;  // of each account
  LoginScan scan_;
  std::string_view last_damage_;
  std::size_t bytes_ = 0;
  std::uint32_t records_ = 0;
  bool foreign_ = false;
};

}  // namespace daicho::agent
