#include "agent/sources/linux/colon_lines.h"

#include <algorithm>

#include "common/text.h"

namespace daicho::agent {

ColonLines::ColonLines(std::string_view file, std::string_view text, FileIssues& issues)
    : file_(file), rest_(text), issues_(issues) {
  if (text.find("\r\n") != std::string_view::npos) {
    issues.Add(file,
               "has DOS line ends (CR LF); read without the CR, but the system takes it as part of the last field");
  }
}

bool ColonLines::Next(ColonLine& line) {
  std::string_view text;
  while (NextLine(rest_, text)) {
    ++number_;
    // The C library passes over blanks before a name; a hidden account must not slip through because of one.
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    if (!IsUsable(text)) continue;
    line.number = number_;
    line.fields = Split(text, ':');
    // NextLine() leaves nothing after the last line whether or not it ended in a newline.
    line.unterminated = rest_.empty() && text.data() + text.size() == rest_.data();
    return true;
  }
  return false;
}

bool ColonLines::IsUsable(std::string_view line) {
  if (line.empty() || line[0] == '#') return false;
  if (line[0] == '+' || line[0] == '-') {
    issues_.AddLine(file_, number_, "NIS entry; accounts and groups of a directory are not read");
    return false;
  }
  const std::string_view name = line.substr(0, line.find(':'));
  const bool printable =
      std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (!name.empty() && name.size() <= kMaxNameBytes && printable) return true;
  issues_.AddLine(file_, number_, "no usable name at the start of the line; mend or remove the line");
  return false;
}

std::optional<std::uint32_t> ParseId(std::string_view field) {
  const auto first = field.find_first_not_of(" \t");
  if (first == std::string_view::npos) return std::nullopt;
  field.remove_prefix(first);
  if (field.starts_with('+')) field.remove_prefix(1);
  return ParseUint32(field);
}

}  // namespace daicho::agent
