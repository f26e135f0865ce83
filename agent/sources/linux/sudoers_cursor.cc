#include "agent/sources/linux/sudoers_cursor.h"

#include <algorithm>
#include <array>

#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kWordEnds = " \t\r,:=!()";

// Length of an IPv6 address (with its prefix length) at the start; 0: none. Two colons tell it from a list's end.
std::size_t Ipv6Length(std::string_view text) {
  const auto end = std::min(text.find_first_not_of("0123456789abcdefABCDEF:./"), text.size());
  const std::string_view address = text.substr(0, end);
  return std::ranges::count(address, ':') >= 2 ? end : 0;
}

}  // namespace

void SudoersCursor::SkipBlanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size())); }

bool SudoersCursor::AtEnd() {
  SkipBlanks();
  return rest_.empty();
}

bool SudoersCursor::Take(char c) {
  SkipBlanks();
  if (!rest_.starts_with(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool SudoersCursor::TakeNegation() {
  bool negated = false;
  while (Take('!')) negated = !negated;
  return negated;
}

bool SudoersCursor::TakeKeyword(std::string_view word, char then) {
  SkipBlanks();
  if (!rest_.starts_with(word)) return false;
  SudoersCursor after(rest_.substr(word.size()));
  if (!after.Take(then)) return false;
  rest_ = after.rest_;
  return true;
}

std::string SudoersCursor::TakeUntil(std::string_view delimiters) {
  std::string word;
  bool quoted = false;
  while (!rest_.empty()) {
    const char c = rest_[0];
    if (!quoted && delimiters.find(c) != std::string_view::npos) break;
    rest_.remove_prefix(1);
    if (c == '"') {
      quoted = !quoted;
    } else if (c == '\\' && !rest_.empty()) {
      word += rest_[0];
      rest_.remove_prefix(1);
    } else {
      word += c;
    }
  }
  return word;
}

std::string SudoersCursor::Word() {
  SkipBlanks();
  if (const std::size_t length = Ipv6Length(rest_); length > 0) {
    std::string address(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return address;
  }
  // "%:name" is a group of a plugin; its colon ends nothing.
  std::string start;
  if (rest_.starts_with("%:")) {
    start = "%:";
    rest_.remove_prefix(2);
  }
  return start + TakeUntil(kWordEnds);
}

std::string SudoersCursor::CommandWord() {
  SkipBlanks();
  return TakeUntil(" \t\r,:");
}

std::string SudoersCursor::Arguments() {
  SkipBlanks();
  // Quotes are kept: "" as the only argument means "no arguments".
  std::string text;
  while (!rest_.empty() && rest_[0] != ',' && rest_[0] != ':') {
    if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
    text += rest_[0];
    rest_.remove_prefix(1);
  }
  return std::string(Trim(text));
}

void SudoersCursor::SkipDigests() {
  static constexpr std::array<std::string_view, 4> kAlgorithms = {"sha224", "sha256", "sha384", "sha512"};
  for (bool found = true; found;) {
    found = std::ranges::any_of(kAlgorithms, [this](std::string_view name) { return TakeKeyword(name, ':'); });
    if (!found) return;
    SkipValue();
    // A comma goes on with another digest, or not at all: a command follows its digests without one.
    Take(',');
  }
}

void SudoersCursor::SkipValue() {
  SkipBlanks();
  TakeUntil(" \t\r,");
}

}  // namespace daicho::agent
