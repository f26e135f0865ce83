#include "agent/sources/linux/sudoers_lines.h"

#include <algorithm>

#include "common/text.h"

namespace daicho::agent {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool StartsInclude(std::string_view text) {
  text.remove_prefix(1);
  if (!text.starts_with("include")) return false;
  text.remove_prefix(7);
  if (text.starts_with("dir")) text.remove_prefix(3);
  return !text.empty() && (text[0] == ' ' || text[0] == '\t' || text[0] == '"');
}

// "#" does not begin a comment before a number (a uid or gid) or in an include at the start of a line.
bool IsComment(std::string_view from_sign, std::string_view before) {
  std::string_view next = from_sign.substr(1);
  if (next.starts_with('-')) next.remove_prefix(1);
  if (!next.empty() && IsDigit(next[0])) return false;
  return !(Trim(before).empty() && StartsInclude(from_sign));
}

// Bytes from a backslash to the line end that it hides, if only blanks stand between; 0 otherwise.
std::size_t Continuation(std::string_view from_backslash) {
  const auto end = from_backslash.find_first_not_of(" \t\r", 1);
  return end != std::string_view::npos && from_backslash[end] == '\n' ? end + 1 : 0;
}

}  // namespace

bool SudoersLines::Next(SudoersLine& line) {
  if (rest_.empty()) return false;
  line = {};
  line.number = number_ + 1;
  bool comment = false;
  std::size_t at = 0;
  while (at < rest_.size() && rest_[at] != '\n') {
    const char c = rest_[at];
    if (comment) {
      ++at;
      continue;
    }
    if (c == '\\') {
      if (const std::size_t joined = Continuation(rest_.substr(at)); joined > 0) {
        line.text += ' ';
        at += joined;
        ++number_;
      } else {
        line.text += rest_.substr(at, 2);
        at += 2;
      }
      continue;
    }
    if (c == '"') line.open_quote = !line.open_quote;
    comment = c == '#' && !line.open_quote && IsComment(rest_.substr(at), line.text);
    if (!comment) line.text += c;
    ++at;
  }
  rest_.remove_prefix(std::min(at + 1, rest_.size()));
  ++number_;
  return true;
}

bool ParseSudoersInclude(std::string_view line, SudoersInclude& include) {
  line = Trim(line);
  if (line.empty() || (line[0] != '#' && line[0] != '@') || !StartsInclude(line)) return false;
  line.remove_prefix(8);
  include = {};
  include.folder = line.starts_with("dir");
  if (include.folder) line.remove_prefix(3);
  bool quoted = false;
  for (line = Trim(line); !line.empty(); line.remove_prefix(1)) {
    if (line[0] == '"') {
      quoted = !quoted;
      continue;
    }
    if (!quoted && (line[0] == ' ' || line[0] == '\t')) break;
    if (line[0] == '\\' && line.size() > 1) line.remove_prefix(1);
    include.path += line[0];
  }
  return true;
}

}  // namespace daicho::agent
