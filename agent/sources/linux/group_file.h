// /etc/group, group(5): name:password:gid:member,member. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/linux/file_issues.h"

namespace daicho::agent {

inline constexpr std::string_view kGroupPath = "/etc/group";

struct GroupEntry {
  std::string name;
  std::uint32_t gid = 0;
  std::vector<std::string> members;  // as listed; those whose primary group it is need not be among them
  std::uint32_t line = 0;
};

struct GroupFile {
  std::vector<GroupEntry> entries;  // each name and gid once (the first counts)
  bool cut = false;                 // ends within a line: groups may be missing
};

// Lines that the system would not take either become issues.
GroupFile ParseGroup(std::string_view text, FileIssues& issues);

}  // namespace daicho::agent
