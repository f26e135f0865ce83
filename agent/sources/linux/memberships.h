// Which account is in which group: by group(5)'s member lists and by primary group. The kernel knows gids only, so
// groups that share a gid have the same members. Pure; immutable.
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

  // Groups of passwd.entries[account], sorted by name, each once. Of several groups with one gid all count.
  std::span<const GroupId> GroupsOf(std::size_t account) const { return groups_[account]; }
  // Members of group.entries[group], sorted, each once; listed names that are no local account included.
  std::span<const std::string_view> MembersOf(std::size_t group) const { return members_[group]; }
  // False: groups that share gids multiply to more memberships than are kept; some are missing.
  bool complete() const { return complete_; }

 private:
  std::vector<std::vector<GroupId>> groups_;
  std::vector<std::vector<std::string_view>> members_;
  bool complete_ = true;
};

}  // namespace daicho::agent
