// The orders behind VersionKey() and what their keys are made of; version_order.h says what each promises. A key is a
// sequence of marks, one byte each, whose values are the order of what may come next; behind the mark of a number or a
// word its value, which says itself where it ends. The last mark is that of the end.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace daicho::version_order {

std::string DpkgKey(std::string_view version);
std::string RpmKey(std::string_view version);
std::string PacmanKey(std::string_view version);
std::string ApkKey(std::string_view version);
std::string GenericKey(std::string_view version);

// Before every mark: the whole key of a version that is none.
constexpr char kNothing = 0x00;

// ASCII, whatever the locale.
constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Takes from the front of `text` what `is_part` is true for, and returns it.
template <typename Predicate>
std::string_view TakeRun(std::string_view& text, Predicate is_part) {
  std::size_t size = 0;
  while (size < text.size() && is_part(text[size])) ++size;
  const std::string_view run = text.substr(0, size);
  text.remove_prefix(size);
  return run;
}

// Digits (none: 0) as bytes in the order of their values: how many there are without leading zeros, then these.
void AppendNumber(std::string_view digits, std::string& key);

// A word whose bytes are all above 0: a word before what it is the beginning of.
void AppendWord(std::string_view word, std::string& key);

// Key of [epoch:]version[-release] as rpm and pacman split it: digits, maybe none, before a colon are the epoch; what
// follows the last hyphen is the release. `append_part` adds the key of a version or a release.
std::string EpochVersionReleaseKey(std::string_view text, void (*append_part)(std::string_view part, std::string& key));

}  // namespace daicho::version_order
