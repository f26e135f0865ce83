// passwd(5), group(5) and shadow(5) from noise: issues are bounded and carry no content; what is read serializes, has
// unique keys, and its memberships agree from both sides.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/login_defs.h"
#include "agent/sources/linux/memberships.h"
#include "agent/sources/linux/shadow_file.h"
#include "common/sections.h"
#include "tests/agent/fake_tree.h"

namespace {

using daicho::agent::FakeTree;

void CheckRows(const daicho::v1::Section& section) {
  const daicho::SectionType* type = daicho::FindSection(section.name());
  std::set<std::string> keys;
  for (const std::string& bytes : section.rows()) {
    const auto row = daicho::ParseRow(*type, bytes);
    if (!row || !keys.insert(daicho::RowKey(*type, **row)).second) std::abort();
  }
  if (section.status() == daicho::v1::FAILED && section.rows_size() != 0) std::abort();
  if (section.status() != daicho::v1::OK && section.reason().empty()) std::abort();
}

void CheckMemberships(std::string_view text) {
  daicho::agent::FileIssues issues;
  const auto passwd = daicho::agent::ParsePasswd(text, issues);
  const auto group = daicho::agent::ParseGroup(text, issues);
  const daicho::agent::Memberships memberships(passwd, group);
  for (std::size_t a = 0; a < passwd.entries.size(); ++a) {
    for (const auto& id : memberships.GroupsOf(a)) {
      const auto found = std::ranges::find_if(
          group.entries, [&](const auto& entry) { return entry.name == id.name && entry.gid == id.gid; });
      if (found == group.entries.end()) std::abort();
      const auto members = memberships.MembersOf(static_cast<std::size_t>(found - group.entries.begin()));
      if (std::ranges::find(members, passwd.entries[a].name) == members.end()) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  FakeTree tree;
  for (const char* file : {"/etc/passwd", "/etc/group", "/etc/shadow", "/etc/login.defs"}) tree.File(file, text);
  const daicho::agent::FakeSystem system;
  CheckRows(daicho::agent::CollectAccounts({tree, system, 1'795'413'600}));
  CheckRows(daicho::agent::CollectGroups({tree, system, 1'795'413'600}));
  CheckMemberships(text);
  daicho::agent::FileIssues issues;
  daicho::agent::ParseShadow(text, issues);
  if (issues.kept().size() > daicho::agent::kMaxIssuesPerFile) std::abort();
  return 0;
}
