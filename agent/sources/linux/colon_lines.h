// What the line formats of passwd(5), group(5) and shadow(5) have in common: colon-separated fields, and the lines that
// the C library skips. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/sources/linux/file_issues.h"

namespace daicho::agent {

inline constexpr std::size_t kMaxNameBytes = 256;  // LOGIN_NAME_MAX

struct ColonLine {
  std::uint32_t number = 0;  // 1-based
  std::vector<std::string_view> fields;
  bool unterminated = false;  // the file ends in this line, without a newline
};

class ColonLines {
 public:
  // Notes once if the file has DOS line ends; they are cut off. `text` must outlive the object.
  ColonLines(std::string_view file, std::string_view text, FileIssues& issues);

  // The next line that states something: blank lines and comments are passed over; lines of NIS ("+…", "-…") and
  // lines without a usable name (empty, control characters, too long) become issues. False at the end.
  bool Next(ColonLine& line);

 private:
  bool IsUsable(std::string_view line);

  std::string_view file_;
  std::string_view rest_;
  FileIssues& issues_;
  std::uint32_t number_ = 0;
};

// uid or gid as the C library reads it: decimal, blanks and "+" before it allowed.
std::optional<std::uint32_t> ParseId(std::string_view field);

}  // namespace daicho::agent
