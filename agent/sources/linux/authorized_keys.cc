#include "agent/sources/linux/authorized_keys.h"

#include <array>
#include <string>

#include "common/text.h"

namespace daicho::agent {

namespace {

bool HasKeyLine(std::string_view text) {
  std::string_view line;
  while (NextLine(text, line)) {
    line = Trim(line);
    if (!line.empty() && line[0] != '#') return true;
  }
  return false;
}

}  // namespace

std::optional<bool> HasAuthorizedKeys(const FileTree& files, std::string_view home, FileIssues& issues) {
  static constexpr std::array<std::string_view, 2> kFiles = {"/.ssh/authorized_keys", "/.ssh/authorized_keys2"};
  if (!home.starts_with('/')) return false;
  while (home.ends_with('/')) home.remove_suffix(1);
  bool known = true;
  for (const std::string_view file : kFiles) {
    const std::string path = std::string(home).append(file);
    const auto text = files.Read(path, kMaxConfigBytes);
    if (text) {
      if (HasKeyLine(*text)) return true;
    } else if (text.error().code != Code::kNotFound && text.error().code != Code::kInvalidArgument) {
      issues.Add(path, text.error().message);
      known = false;
    }
  }
  return known ? std::optional(false) : std::nullopt;
}

}  // namespace daicho::agent
