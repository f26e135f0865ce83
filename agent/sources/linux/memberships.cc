#include "agent/sources/linux/memberships.h"

#include <algorithm>
#include <unordered_map>

namespace daicho::agent {

Memberships::Memberships(const PasswdFile& passwd, const GroupFile& group)
    : groups_(passwd.entries.size()), members_(group.entries.size()) {
  std::unordered_multimap<std::string_view, std::size_t> accounts_by_name;
  std::unordered_multimap<std::uint32_t, std::size_t> accounts_by_gid;
  for (std::size_t i = 0; i < passwd.entries.size(); ++i) {
    accounts_by_name.emplace(passwd.entries[i].name, i);
    accounts_by_gid.emplace(passwd.entries[i].gid, i);
  }
  for (std::size_t g = 0; g < group.entries.size(); ++g) {
    const GroupEntry& entry = group.entries[g];
    const auto join = [&](std::size_t account) {
      groups_[account].push_back({entry.name, entry.gid});
      members_[g].push_back(passwd.entries[account].name);
    };
    for (const std::string& member : entry.members) {
      const auto [first, last] = accounts_by_name.equal_range(member);
      for (auto it = first; it != last; ++it) join(it->second);
      if (first == last) members_[g].push_back(member);
    }
    const auto [first, last] = accounts_by_gid.equal_range(entry.gid);
    for (auto it = first; it != last; ++it) join(it->second);
    std::ranges::sort(members_[g]);
    members_[g].erase(std::ranges::unique(members_[g]).begin(), members_[g].end());
  }
  const auto order = [](const GroupId& id) { return std::pair(id.name, id.gid); };
  for (std::vector<GroupId>& groups : groups_) {
    std::ranges::sort(groups, {}, order);
    groups.erase(std::ranges::unique(groups, {}, order).begin(), groups.end());
  }
}

}  // namespace daicho::agent
