// /etc/passwd, passwd(5): name:password:uid:gid:GECOS:home:shell. Read as the C library reads it: a line needs a name
// and two numbers, what is missing after them is empty. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/linux/file_issues.h"
#include "agent/sources/linux/password_field.h"

namespace daicho::agent {

inline constexpr std::string_view kPasswdPath = "/etc/passwd";

struct PasswdEntry {
  std::string name;  // bytes as in the file, no control characters
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string full_name;  // first GECOS field
  std::string home;
  std::string shell;
  std::optional<PasswordState> password;  // absent: "x", the password is in shadow(5)
  std::uint32_t line = 0;
};

struct PasswdFile {
  std::vector<PasswdEntry> entries;  // in the order of the file, each name and uid once (the first counts)
  bool cut = false;                  // ends within a line: accounts may be missing
};

// Lines that the system would not take either become issues.
PasswdFile ParsePasswd(std::string_view text, FileIssues& issues);

}  // namespace daicho::agent
