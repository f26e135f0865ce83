#include "common/version_order_schemes.h"

namespace daicho::version_order {

namespace {

// libalpm compares the lengths of separators before what follows them: one mark for each does that.
constexpr char kLetters = 0x01;
constexpr char kEnd = 0x02;
constexpr char kNumber = 0x03;
constexpr char kSeparator = 0x04;

void AppendPart(std::string_view part, std::string& key) {
  while (!part.empty()) {
    if (IsDigit(part.front())) {
      key += kNumber;
      AppendNumber(TakeRun(part, IsDigit), key);
    } else if (IsLetter(part.front())) {
      key += kLetters;
      AppendWord(TakeRun(part, IsLetter), key);
    } else {
      key += kSeparator;
      part.remove_prefix(1);
    }
  }
  key += kEnd;
}

}  // namespace

std::string PacmanKey(std::string_view version) { return EpochVersionReleaseKey(version, AppendPart); }

}  // namespace daicho::version_order
