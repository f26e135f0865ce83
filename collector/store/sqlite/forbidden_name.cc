#include <algorithm>
#include <cctype>

#include "collector/store/sqlite/select.h"

namespace daicho::collector {

namespace {

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return lower;
}

// Tokens as SQLite cuts them (https://www.sqlite.org/lang_keywords.html, lang_comment.html), names in lower case and
// without their quotes; blanks and comments are left out. Every quoted form counts as a name, since SQLite takes a
// string for a name where only a name fits.
class Tokens {
 public:
  explicit Tokens(std::string_view sql) : rest_(sql) {}

  // Empty at the end.
  std::string Next() {
    SkipBlanks();
    if (rest_.empty()) return {};
    const char first = rest_.front();
    if (first == '"' || first == '\'' || first == '`') return Quoted(first);
    if (first == '[') return Bracketed();
    std::size_t size = 0;
    while (size < rest_.size() && IsWordByte(rest_[size])) ++size;
    return Lower(Take(std::max<std::size_t>(size, 1)));
  }

 private:
  std::string_view Take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  void SkipBlanks() {
    for (;;) {
      if (!rest_.empty() && std::string_view(" \t\n\r\f").find(rest_.front()) != std::string_view::npos) {
        Take(1);
      } else if (rest_.starts_with("--")) {
        Take(std::min(rest_.find('\n'), rest_.size()));
      } else if (rest_.starts_with("/*")) {
        const std::size_t end = rest_.find("*/", 2);
        Take(end == std::string_view::npos ? rest_.size() : end + 2);
      } else {
        return;
      }
    }
  }

  // A doubled quote stands for one.
  std::string Quoted(char quote) {
    Take(1);
    std::string name;
    while (!rest_.empty()) {
      const char c = Take(1).front();
      if (c == quote && !rest_.starts_with(quote)) break;
      if (c == quote) Take(1);
      name += c;
    }
    return Named(name);
  }

  std::string Bracketed() {
    const std::size_t end = rest_.find(']');
    const std::string_view inner = Take(end == std::string_view::npos ? rest_.size() : end + 1);
    return Named(inner.substr(1, inner.size() - (end == std::string_view::npos ? 1 : 2)));
  }

  // An empty name must not look like the end.
  static std::string Named(std::string_view name) { return name.empty() ? " " : Lower(name); }

  std::string_view rest_;
};

}  // namespace

// WITH name [(columns)] AS [[NOT] MATERIALIZED] (SELECT …): a view's name is followed by "AS (", "AS NOT",
// "AS MATERIALIZED" or "(" in no other place of a SELECT.
std::string FindForbiddenName(std::string_view sql, const std::set<std::string, std::less<>>& views,
                              const std::set<std::string, std::less<>>& own_tables) {
  Tokens tokens(sql);
  std::string two_before;
  std::string before;
  for (std::string token = tokens.Next(); !token.empty(); token = tokens.Next()) {
    if (own_tables.contains(token)) return "'" + token + "' is the store's own; only the documented views can be read";
    const bool opens = token == "(" || token == "not" || token == "materialized";
    std::string shadowed;
    if (opens && before == "as" && views.contains(two_before)) shadowed = two_before;
    if (token == "(" && views.contains(before)) shadowed = before;
    if (!shadowed.empty()) return "'" + shadowed + "' is a view; give the WITH table another name";
    two_before = std::exchange(before, token);
  }
  return {};
}

}  // namespace daicho::collector
