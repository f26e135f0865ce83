// Text as bytes that claim to be UTF-8 (RFC 3629). Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace daicho {

struct Utf8Char {
  char32_t code = 0;
  std::size_t size = 1;  // bytes to skip; 1 if not valid
  bool valid = false;
};

// The character at the start of `text`. Overlong forms, surrogates and values over U+10FFFF are not valid.
// Precondition: not empty.
Utf8Char NextUtf8(std::string_view text);

bool IsUtf8(std::string_view text);

// `text` with every byte that is not UTF-8 replaced by U+FFFD and control characters by a space: safe for a
// protobuf string, a terminal and a message.
std::string CleanText(std::string_view text);

// Columns on a terminal: East Asian Wide and Fullwidth characters (Unicode UAX #11) take two, combining marks none.
std::size_t DisplayWidth(std::string_view text);

// `text` cut so that it takes at most `columns`; an ellipsis (…) shows that something is missing.
std::string CutToWidth(std::string_view text, std::size_t columns);

// `text` cut at the end of a character so that it has at most `bytes` (at least 3); an ellipsis (…) shows that
// something is missing.
std::string CutToBytes(std::string_view text, std::size_t bytes);
void CutInPlace(std::size_t bytes, std::string& text);

// Fields between `separator`s, empty ones included; "a::b" has three.
std::vector<std::string_view> Split(std::string_view text, char separator);

// Without leading and trailing blanks, tabs and carriage returns.
std::string_view Trim(std::string_view text);

// Takes the next line from `text` (without "\n" or "\r\n"); false at the end.
bool NextLine(std::string_view& text, std::string_view& line);

// Whether a place "{0}" … "{9}" begins there.
bool IsPlace(std::string_view pattern, std::size_t at);
// `pattern` with `values` at its places. A place without a value stays as it is.
std::string FillPlaces(std::string_view pattern, std::span<const std::string_view> values);

// Whole text a decimal number that fits; nothing otherwise.
std::optional<std::uint32_t> ParseUint32(std::string_view text);
std::optional<std::int64_t> ParseInt64(std::string_view text);

}  // namespace daicho
