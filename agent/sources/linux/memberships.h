// Which account is in which group: by group(5)'s member lists and by primary group. Pure; immutable.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "agent/sources/linux/group_file.h"
#include "agent/sources/linux/passwd_file.h"
#include "agent/sources/linux/sudoers_rights.h"

namespace daicho::agent {

class Memberships {
 public:
  // Both files must outlive the object.
  Memberships(const PasswdFile& passwd, const GroupFile& group);

  // Groups of passwd.entries[account], sorted by name, each once. Of several groups with the primary gid all count.
  std::span<const GroupId> GroupsOf(std::size_t account) const { return groups_[account]; }
  // Members of group.entries[group], sorted, each once; listed names that are no local account included.
  std::span<const std::string_view> MembersOf(std::size_t group) const { return members_[group]; }

 private:
  std::vector<std::vector<GroupId>> groups_;
  std::vector<std::vector<std::string_view>> members_;
};

}  // namespace daicho::agent
