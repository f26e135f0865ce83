#include "common/text.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace daicho {

Utf8Char NextUtf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return {};
  char32_t code = lead & (0xffu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return {};
  return {code, size, true};
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Char next = NextUtf8(text);
    if (!next.valid) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

std::string CleanText(std::string_view text) {
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7f; };
  std::string clean;
  clean.reserve(text.size());
  for (;;) {
    // Nearly all text is plain ASCII: it is taken in runs.
    const auto run = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    clean += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) return clean;
    const Utf8Char next = NextUtf8(text);
    if (!next.valid) {
      clean += "\xef\xbf\xbd";
    } else if (next.code < 0x20 || (next.code >= 0x7f && next.code < 0xa0)) {
      clean += ' ';
    } else {
      clean += text.substr(0, next.size);
    }
    text.remove_prefix(next.size);
  }
}

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Wide and Fullwidth blocks of EastAsianWidth.txt (Unicode 15), joined where only unassigned characters lie between.
// glibc's wcwidth() knows them too, but only in a UTF-8 locale, which a bare server may not have.
constexpr Range kWide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},   {0x26fa, 0x26fa},
    {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},   {0x274c, 0x274c},
    {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x2b1b, 0x2b1c},
    {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},
    {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},
    {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff},
    {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320},
    {0x1f32d, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f7e0, 0x1f7f0}, {0x1f90c, 0x1f9ff}, {0x1fa70, 0x1faff},
    {0x20000, 0x3fffd}};

constexpr Range kZero[] = {{0x0300, 0x036f}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064}, {0x20d0, 0x20ff},
                           {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};

template <std::size_t N>
bool Contains(const Range (&ranges)[N], char32_t code) {
  const Range* range = std::upper_bound(std::begin(ranges), std::end(ranges), code,
                                        [](char32_t value, const Range& r) { return value < r.first; });
  return range != std::begin(ranges) && code <= std::prev(range)->last;
}

std::size_t Width(const Utf8Char& next) {
  if (!next.valid) return 1;
  if (Contains(kZero, next.code)) return 0;
  return Contains(kWide, next.code) ? 2 : 1;
}

}  // namespace

std::size_t DisplayWidth(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Utf8Char next = NextUtf8(text);
    width += Width(next);
    text.remove_prefix(next.size);
  }
  return width;
}

std::string CutToWidth(std::string_view text, std::size_t columns) {
  if (DisplayWidth(text) <= columns) return std::string(text);
  if (columns == 0) return "";
  std::size_t width = 0;
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Utf8Char next = NextUtf8(text.substr(bytes));
    if (width + Width(next) > columns - 1) break;
    width += Width(next);
    bytes += next.size;
  }
  return std::string(text.substr(0, bytes)) + "…";
}

std::string CutToBytes(std::string_view text, std::size_t bytes) {
  constexpr std::string_view kEllipsis = "…";
  if (text.size() <= bytes) return std::string(text);
  std::size_t kept = 0;
  while (kept < text.size()) {
    const std::size_t next = kept + NextUtf8(text.substr(kept)).size;
    if (next + kEllipsis.size() > bytes) break;
    kept = next;
  }
  return std::string(text.substr(0, kept)).append(kEllipsis);
}

void CutInPlace(std::size_t bytes, std::string& text) {
  if (text.size() > bytes) text = CutToBytes(text, bytes);
}

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> fields;
  for (;;) {
    const auto end = text.find(separator);
    fields.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return fields;
    text.remove_prefix(end + 1);
  }
}

std::string_view Trim(std::string_view text) {
  // A comparison a character: find_first_not_of searches its set for each.
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text.empty() ? std::string_view() : text;
}

bool NextLine(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const auto end = text.find('\n');
  line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return true;
}

bool IsPlace(std::string_view pattern, std::size_t at) {
  return at + 2 < pattern.size() && pattern[at] == '{' && pattern[at + 1] >= '0' && pattern[at + 1] <= '9' &&
         pattern[at + 2] == '}';
}

std::string FillPlaces(std::string_view pattern, std::span<const std::string_view> values) {
  std::string filled;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::size_t index = IsPlace(pattern, i) ? static_cast<std::size_t>(pattern[i + 1] - '0') : values.size();
    if (index < values.size()) {
      filled += values[index];
      i += 2;
    } else {
      filled += pattern[i];
    }
  }
  return filled;
}

namespace {

template <typename T>
std::optional<T> ParseNumber(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint32_t> ParseUint32(std::string_view text) { return ParseNumber<std::uint32_t>(text); }

std::optional<std::int64_t> ParseInt64(std::string_view text) { return ParseNumber<std::int64_t>(text); }

}  // namespace daicho
