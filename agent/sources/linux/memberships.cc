#include "agent/sources/linux/memberships.h"

#include <algorithm>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

namespace daicho::agent {

namespace {

// Files of 4 MiB hold fewer unless groups share gids.
constexpr std::size_t kMaxMemberships = 2'000'000;

void SortOnce(auto& values, const auto& key) {
  std::ranges::sort(values, {}, key);
  values.erase(std::ranges::unique(values, {}, key).begin(), values.end());
}

// What the groups of one gid have in common.
struct OneGid {
  std::vector<std::size_t> groups;
  std::vector<std::size_t> accounts;
  std::vector<std::string_view> strangers;  // listed, but no local account
};

}  // namespace

Memberships::Memberships(const PasswdFile& passwd, const GroupFile& group)
    : groups_(passwd.entries.size()), members_(group.entries.size()) {
  std::unordered_multimap<std::string_view, std::size_t> accounts_by_name;
  for (std::size_t i = 0; i < passwd.entries.size(); ++i) accounts_by_name.emplace(passwd.entries[i].name, i);
  std::map<std::uint32_t, OneGid> gids;
  for (std::size_t g = 0; g < group.entries.size(); ++g) {
    OneGid& gid = gids[group.entries[g].gid];
    gid.groups.push_back(g);
    for (const std::string& member : group.entries[g].members) {
      const auto [first, last] = accounts_by_name.equal_range(member);
      for (auto it = first; it != last; ++it) gid.accounts.push_back(it->second);
      if (first == last) gid.strangers.push_back(member);
    }
  }
  for (std::size_t i = 0; i < passwd.entries.size(); ++i) {
    const auto gid = gids.find(passwd.entries[i].gid);
    if (gid != gids.end()) gid->second.accounts.push_back(i);
  }
  std::size_t memberships = 0;
  for (auto& [number, gid] : gids) {
    SortOnce(gid.accounts, std::identity());
    SortOnce(gid.strangers, std::identity());
    for (const std::size_t g : gid.groups) {
      memberships += gid.accounts.size() + gid.strangers.size();
      if (memberships > kMaxMemberships) {
        complete_ = false;
        break;
      }
      members_[g] = gid.strangers;
      for (const std::size_t account : gid.accounts) {
        groups_[account].push_back({group.entries[g].name, number});
        members_[g].push_back(passwd.entries[account].name);
      }
      SortOnce(members_[g], std::identity());
    }
  }
  for (std::vector<GroupId>& groups : groups_) {
    SortOnce(groups, [](const GroupId& id) { return std::pair(id.name, id.gid); });
  }
}

}  // namespace daicho::agent
