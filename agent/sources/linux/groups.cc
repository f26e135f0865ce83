#include <map>
#include <set>
#include <string>

#include "agent/sources/linux/admin_rights.h"
#include "agent/sources/linux/escaped_name.h"
#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/memberships.h"

namespace daicho::agent {

namespace {

// A row must stay below the limit of a row on the wire (common/protocol.h).
constexpr std::size_t kMaxMemberBytes = 60'000;

// False: too many members for a row.
bool AddMembers(std::span<const std::string_view> members, v1::Group& group) {
  std::size_t bytes = 0;
  std::set<std::string> names;
  for (const std::string_view member : members) names.insert(EscapedName(member));
  for (const std::string& name : names) {
    bytes += name.size() + 4;
    if (bytes > kMaxMemberBytes) return false;
    group.add_members(name);
  }
  return true;
}

void AddGroups(const GroupFile& file, const Memberships& memberships, const AdminRights& rights,
               SectionBuilder& section) {
  std::map<std::uint32_t, std::vector<GroupId>> same_gid;
  for (const GroupEntry& entry : file.entries) same_gid[entry.gid].push_back({entry.name, entry.gid});
  std::map<std::uint32_t, bool> admin_gids;
  for (const auto& [gid, groups] : same_gid) admin_gids[gid] = rights.ForGroups(groups);
  for (std::size_t i = 0; i < file.entries.size(); ++i) {
    const GroupEntry& entry = file.entries[i];
    v1::Group group;
    group.set_name(EscapedName(entry.name));
    group.set_gid(entry.gid);
    if (!AddMembers(memberships.MembersOf(i), group)) {
      section.AddIssue(kGroupPath, entry.line, "too many members for one row; the last ones are left out");
      section.Partial(std::string(kGroupPath) + ": a group has too many members for one row");
    }
    if (admin_gids.at(entry.gid)) {
      group.set_admin(true);
    } else if (rights.complete()) {
      group.set_admin(false);
    }
    section.AddRow(group);
  }
}

}  // namespace

v1::Section CollectGroups(const SourceInput& input) {
  SectionBuilder section("groups");
  FileIssues issues;
  const auto text = input.files.Read(kGroupPath, kMaxConfigBytes);
  if (!text) {
    section.Failed(text.error().message);
    return section.Take();
  }
  const GroupFile file = ParseGroup(*text, issues);
  if (file.entries.empty()) section.Failed(std::string(kGroupPath) + ": holds no group; restore it from /etc/group-");
  if (file.cut) section.Partial(std::string(kGroupPath) + ": is cut; groups may be missing");
  PasswdFile passwd;
  if (const auto accounts = input.files.Read(kPasswdPath, kMaxConfigBytes)) {
    // Its bad lines are told by the section of the accounts.
    FileIssues told_elsewhere;
    passwd = ParsePasswd(*accounts, told_elsewhere);
    if (passwd.cut) section.Partial(std::string(kPasswdPath) + ": is cut; members may be missing");
  } else {
    section.Partial(accounts.error().message + "; members by primary group are missing");
  }
  const Memberships memberships(passwd, file);
  if (!memberships.complete()) {
    section.Partial(std::string(kGroupPath) + ": too many groups share gids; members are missing");
  }
  const AdminRights rights(input.files, passwd, issues);
  if (!rights.complete()) section.Partial(rights.reason() + "; other groups may give root");
  AddGroups(file, memberships, rights, section);
  issues.MoveTo(section);
  return section.Take();
}

}  // namespace daicho::agent
