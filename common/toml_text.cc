#include "common/toml_text.h"

#include <algorithm>

namespace daicho {

namespace {

// Length of the single-line string that begins with `text`, closing quote included. A line end ends it too: there
// toml++ stops.
std::size_t LineStringLength(std::string_view text) {
  const char quote = text[0];
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == quote) return i + 1;
    if (text[i] == '\n') return i;
    if (text[i] == '\\' && quote == '"') ++i;
  }
  return text.size();
}

// Length of the multi-line string that begins with `text`. Up to two quotes may stand right before the closing three.
std::size_t BlockStringLength(std::string_view text) {
  const char quote = text[0];
  for (std::size_t i = 3; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text.substr(i).starts_with(text.substr(0, 3))) {
      std::size_t end = i + 3;
      while (end < std::min(i + 5, text.size()) && text[end] == quote) ++end;
      return end;
    }
  }
  return text.size();
}

// Length of the string or comment that begins with `text`; 0: neither begins there.
std::size_t QuotedLength(std::string_view text) {
  if (text.starts_with("\"\"\"") || text.starts_with("'''")) return BlockStringLength(text);
  if (text[0] == '"' || text[0] == '\'') return LineStringLength(text);
  if (text[0] == '#') return std::min(text.find('\n'), text.size());
  return 0;
}

}  // namespace

std::size_t FindStrayCharacter(std::string_view text) {
  // A byte order mark may begin a file.
  std::size_t at = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  while (at < text.size()) {
    if (static_cast<unsigned char>(text[at]) >= 0x80) return at;
    at += std::max<std::size_t>(QuotedLength(text.substr(at)), 1);
  }
  return std::string_view::npos;
}

}  // namespace daicho
