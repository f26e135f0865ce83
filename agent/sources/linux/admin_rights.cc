#include "agent/sources/linux/admin_rights.h"

#include <algorithm>
#include <array>
#include <set>

#include "agent/sources/linux/small_files.h"

namespace daicho::agent {

namespace {

constexpr std::array<std::string_view, 3> kUsualGroups = {"sudo", "wheel", "admin"};

bool IsUsualGroup(std::string_view name) { return std::ranges::find(kUsualGroups, name) != kUsualGroups.end(); }

// sudo(8) compares with gethostname(2); of another root only the file is known.
std::string Hostname(const FileTree& files) {
  std::string name = ReadLineOrEmpty(files, "/proc/sys/kernel/hostname");
  return name.empty() ? ReadLineOrEmpty(files, "/etc/hostname") : name;
}

}  // namespace

AdminRights::AdminRights(const FileTree& files, const PasswdFile& passwd, FileIssues& issues) {
  const std::string hostname = Hostname(files);
  files_ = ReadSudoers(files, hostname, issues);
  if (files_.state == SudoersState::kUnreadable) {
    issues.Add(kSudoersPath, "not read: members of the groups sudo, wheel and admin are taken for administrators");
    return;
  }
  std::set<std::string, std::less<>> root_names;
  for (const PasswdEntry& account : passwd.entries) {
    if (account.uid == 0) root_names.insert(account.name);
  }
  rights_.emplace(files_.sudoers, hostname, root_names, issues);
  if (!rights_->complete() && files_.reason.empty()) {
    files_.reason = std::string(kSudoersPath) + ": more rules that give root than are followed";
  }
}

std::vector<std::string> AdminRights::ForAccount(const PasswdEntry& account, std::span<const GroupId> groups) const {
  if (account.uid == 0) return {"uid 0"};
  if (rights_) return rights_->ForAccount(account.name, account.uid, groups);
  std::vector<std::string> by;
  for (const GroupId& group : groups) {
    if (IsUsualGroup(group.name)) by.push_back("group " + std::string(group.name));
  }
  return by;
}

bool AdminRights::ForGroups(std::span<const GroupId> groups) const {
  if (rights_) return rights_->ForGroups(groups);
  return std::ranges::any_of(groups, [](const GroupId& group) { return IsUsualGroup(group.name); });
}

}  // namespace daicho::agent
