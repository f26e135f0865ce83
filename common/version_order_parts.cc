#include <cstdint>

#include "common/version_order_schemes.h"

namespace daicho::version_order {

namespace {
constexpr char kWordEnd = 0x00;
constexpr char kNoRelease = 0x00;
constexpr char kRelease = 0x01;
}  // namespace

void AppendNumber(std::string_view digits, std::string& key) {
  while (!digits.empty() && digits.front() == '0') digits.remove_prefix(1);
  if (digits.size() < 0xff) {
    key += static_cast<char>(digits.size());
  } else {
    key += static_cast<char>(0xff);
    const auto size = static_cast<std::uint32_t>(digits.size());
    for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(size >> shift);
  }
  key += digits;
}

void AppendWord(std::string_view word, std::string& key) {
  key += word;
  key += kWordEnd;
}

std::string EpochVersionReleaseKey(std::string_view text, void (*append_part)(std::string_view, std::string&)) {
  if (text.empty()) return {kNothing, kNothing};  // epoch 0, and before every mark
  std::string key;
  key.reserve(text.size() * 2 + 8);
  std::string_view rest = text;
  std::string_view epoch = TakeRun(rest, IsDigit);
  if (rest.starts_with(':')) {
    rest.remove_prefix(1);
  } else {
    epoch = {};
    rest = text;
  }
  AppendNumber(epoch, key);
  const auto hyphen = rest.rfind('-');
  append_part(rest.substr(0, hyphen), key);
  if (hyphen == std::string_view::npos) {
    key += kNoRelease;
  } else {
    key += kRelease;
    append_part(rest.substr(hyphen + 1), key);
  }
  return key;
}

}  // namespace daicho::version_order
