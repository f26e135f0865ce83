#include "common/version_order_schemes.h"

namespace daicho::version_order {

namespace {

constexpr char kTilde = 0x01;
constexpr char kEnd = 0x02;
constexpr char kCaret = 0x03;
constexpr char kLetters = 0x04;
constexpr char kNumber = 0x05;

void AppendPart(std::string_view part, std::string& key) {
  while (!part.empty()) {
    const char c = part.front();
    if (IsDigit(c)) {
      key += kNumber;
      AppendNumber(TakeRun(part, IsDigit), key);
    } else if (IsLetter(c)) {
      key += kLetters;
      AppendWord(TakeRun(part, IsLetter), key);
    } else {
      if (c == '~') key += kTilde;
      if (c == '^') key += kCaret;
      part.remove_prefix(1);
    }
  }
  key += kEnd;
}

}  // namespace

std::string RpmKey(std::string_view version) { return EpochVersionReleaseKey(version, AppendPart); }

}  // namespace daicho::version_order
