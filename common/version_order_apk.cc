#include "common/version_order_schemes.h"

namespace daicho::version_order {

namespace {

// The order of apk_version_compare() once all before is equal: a suffix of a pre-release is lowest, then what ends
// sooner; a text that leaves the grammar counts as if it had ended sooner still.
constexpr char kAlpha = 0x01;
constexpr char kBeta = 0x02;
constexpr char kPre = 0x03;
constexpr char kRc = 0x04;
constexpr char kInvalid = 0x05;
constexpr char kEnd = 0x06;
constexpr char kRevision = 0x07;
constexpr char kHash = 0x08;
constexpr char kSuffixNumber = 0x09;
constexpr char kCvs = 0x0a;
constexpr char kSvn = 0x0b;
constexpr char kGit = 0x0c;
constexpr char kHg = 0x0d;
constexpr char kPatch = 0x0e;
constexpr char kLetter = 0x0f;
constexpr char kNumber = 0x10;

struct Suffix {
  std::string_view name;
  char mark;
};

constexpr Suffix kSuffixes[] = {{"alpha", kAlpha}, {"beta", kBeta}, {"pre", kPre}, {"rc", kRc},  {"cvs", kCvs},
                                {"svn", kSvn},     {"git", kGit},   {"hg", kHg},   {"p", kPatch}};

constexpr bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f'); }

bool StartsWithDigit(std::string_view text) { return !text.empty() && IsDigit(text.front()); }

// The length byte of a number is never 0 here, so what starts with 0 comes first.
void AppendFraction(std::string_view digits, std::string& key) {
  if (!digits.starts_with('0')) return AppendNumber(digits, key);
  key += '\0';
  AppendWord(digits, key);
}

void AppendNumbersAndLetter(std::string_view& rest, std::string& key) {
  if (!StartsWithDigit(rest)) return;
  key += kNumber;
  AppendNumber(TakeRun(rest, IsDigit), key);
  while (rest.starts_with('.') && StartsWithDigit(rest.substr(1))) {
    rest.remove_prefix(1);
    key += kNumber;
    AppendFraction(TakeRun(rest, IsDigit), key);
  }
  if (rest.empty() || !IsLower(rest.front())) return;
  key += kLetter;
  key += rest.front();
  rest.remove_prefix(1);
  if (!StartsWithDigit(rest)) return;
  key += kNumber;
  AppendNumber(TakeRun(rest, IsDigit), key);
}

// False if there is none that apk knows.
bool AppendSuffix(std::string_view& rest, std::string& key) {
  if (!rest.starts_with('_')) return false;
  std::string_view behind = rest.substr(1);
  const std::string_view name = TakeRun(behind, IsLower);
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.name != name) continue;
    rest = behind;
    key += suffix.mark;
    if (StartsWithDigit(rest)) {
      key += kSuffixNumber;
      AppendNumber(TakeRun(rest, IsDigit), key);
    }
    return true;
  }
  return false;
}

void AppendHashAndRevision(std::string_view& rest, std::string& key) {
  if (rest.size() > 1 && rest.front() == '~' && IsHex(rest[1])) {
    rest.remove_prefix(1);
    key += kHash;
    AppendWord(TakeRun(rest, IsHex), key);
  }
  if (rest.starts_with("-r") && StartsWithDigit(rest.substr(2))) {
    rest.remove_prefix(2);
    key += kRevision;
    AppendNumber(TakeRun(rest, IsDigit), key);
  }
}

}  // namespace

std::string ApkKey(std::string_view version) {
  if (version.empty()) return {kNothing};
  std::string key;
  key.reserve(version.size() * 2 + 8);
  std::string_view rest = version;
  AppendNumbersAndLetter(rest, key);
  if (!key.empty()) {
    while (AppendSuffix(rest, key)) {
    }
    AppendHashAndRevision(rest, key);
  }
  if (rest.empty()) {
    key += kEnd;
  } else {
    key += kInvalid;
    key += GenericKey(rest);
  }
  return key;
}

}  // namespace daicho::version_order
