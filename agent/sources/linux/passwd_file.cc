#include "agent/sources/linux/passwd_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "agent/sources/linux/colon_lines.h"

namespace daicho::agent {

namespace {

constexpr std::size_t kFields = 7;
constexpr std::size_t kMaxLineBytes = 8192;

std::size_t Length(const ColonLine& line) {
  return static_cast<std::size_t>(line.fields.back().data() + line.fields.back().size() - line.fields[0].data());
}

PasswdEntry ToEntry(ColonLine& line, std::uint32_t uid, std::uint32_t gid) {
  line.fields.resize(std::max(line.fields.size(), kFields));
  PasswdEntry entry;
  entry.name = line.fields[0];
  if (line.fields[1] != "x") entry.password = ClassifyPassword(line.fields[1]);
  entry.uid = uid;
  entry.gid = gid;
  entry.full_name = line.fields[4].substr(0, line.fields[4].find(','));
  entry.home = line.fields[5];
  entry.shell = line.fields[6];
  entry.line = line.number;
  return entry;
}

}  // namespace

PasswdFile ParsePasswd(std::string_view text, FileIssues& issues) {
  PasswdFile file;
  std::set<std::pair<std::string, std::uint32_t>> seen;
  ColonLines lines(kPasswdPath, text, issues);
  ColonLine line;
  while (lines.Next(line)) {
    const auto complain = [&](std::string message) { issues.AddLine(kPasswdPath, line.number, std::move(message)); };
    if (line.fields.size() < kFields && line.unterminated) {
      complain("the file ends within this line; the account is not read");
      file.cut = true;
      continue;
    }
    const auto uid = line.fields.size() > 2 ? ParseId(line.fields[2]) : std::nullopt;
    const auto gid = line.fields.size() > 3 ? ParseId(line.fields[3]) : std::nullopt;
    if (!uid || !gid) {
      complain("not an account: name, password, uid and gid are expected; mend or remove the line");
      continue;
    }
    if (Length(line) > kMaxLineBytes) {
      complain("line of more than " + std::to_string(kMaxLineBytes) + " bytes; the account is not read");
      file.cut = true;
      continue;
    }
    if (line.fields.size() != kFields) complain("not seven fields; read as the system reads it");
    if (!seen.emplace(std::string(line.fields[0]), *uid).second) {
      complain("the same name and uid stand on an earlier line, which counts");
      continue;
    }
    file.entries.push_back(ToEntry(line, *uid, *gid));
  }
  return file;
}

}  // namespace daicho::agent
