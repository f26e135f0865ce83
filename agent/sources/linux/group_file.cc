#include "agent/sources/linux/group_file.h"

#include <set>
#include <utility>

#include "agent/sources/linux/colon_lines.h"
#include "common/text.h"

namespace daicho::agent {

GroupFile ParseGroup(std::string_view text, FileIssues& issues) {
  GroupFile file;
  std::set<std::pair<std::string, std::uint32_t>> seen;
  std::set<std::uint32_t> gids;
  ColonLines lines(kGroupPath, text, issues);
  ColonLine line;
  while (lines.Next(line)) {
    const auto complain = [&](std::string message) { issues.AddLine(kGroupPath, line.number, std::move(message)); };
    if (line.fields.size() < 4 && line.unterminated) {
      complain("the file ends within this line; the group is not read");
      file.cut = true;
      continue;
    }
    const auto gid = line.fields.size() > 2 ? ParseId(line.fields[2]) : std::nullopt;
    if (!gid) {
      complain("not a group: name, password and gid are expected; mend or remove the line");
      continue;
    }
    if (!seen.emplace(std::string(line.fields[0]), *gid).second) {
      complain("the same name and gid stand on an earlier line, which counts");
      continue;
    }
    if (!gids.insert(*gid).second) {
      complain("the gid stands on an earlier line: to the system both are one group, with the rights of either");
    }
    GroupEntry& entry = file.entries.emplace_back();
    entry.name = line.fields[0];
    entry.gid = *gid;
    entry.line = line.number;
    if (line.fields.size() < 4) continue;
    for (const std::string_view member : Split(line.fields[3], ',')) {
      if (!Trim(member).empty()) entry.members.emplace_back(Trim(member));
    }
  }
  return file;
}

}  // namespace daicho::agent
