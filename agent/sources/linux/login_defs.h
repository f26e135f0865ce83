// /etc/login.defs, login.defs(5): which uids are people. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/sources/linux/file_issues.h"

namespace daicho::agent {

inline constexpr std::string_view kLoginDefsPath = "/etc/login.defs";

struct HumanUids {
  std::uint32_t min = 1000;   // UID_MIN
  std::uint32_t max = 60000;  // UID_MAX

  bool Contains(std::uint32_t uid) const { return uid >= min && uid <= max; }
};

// Defaults of the shadow suite for what the file does not say. Values are decimal, octal ("0…") or hexadecimal ("0x…").
HumanUids ParseLoginDefs(std::string_view text, FileIssues& issues);

}  // namespace daicho::agent
