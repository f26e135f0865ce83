// Logical lines of sudoers(5): comments removed, lines ending in a backslash joined. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace daicho::agent {

struct SudoersLine {
  std::string text;          // escapes and quotes as written
  std::uint32_t number = 0;  // 1-based, of its first physical line
  bool open_quote = false;   // a quotation is not closed on the line: not valid
};

class SudoersLines {
 public:
  // `text` must outlive the object.
  explicit SudoersLines(std::string_view text) : rest_(text) {}

  // The next logical line, which may be blank; false at the end.
  bool Next(SudoersLine& line);

 private:
  std::string_view rest_;
  std::uint32_t number_ = 0;
};

// True for "#include", "@include", "#includedir" and "@includedir" lines; `path` has quotes and escapes removed, and is
// empty if none is given.
struct SudoersInclude {
  bool folder = false;
  std::string path;
};
bool ParseSudoersInclude(std::string_view line, SudoersInclude& include);

}  // namespace daicho::agent
