#include <algorithm>
#include <iterator>
#include <utility>

#include "common/version_order_schemes.h"

namespace daicho::version_order {

namespace {

constexpr char kTilde = 0x01;
constexpr char kDev = 0x02;
constexpr char kAlpha = 0x03;
constexpr char kBeta = 0x04;
constexpr char kPre = 0x05;
constexpr char kRc = 0x06;
constexpr char kUnknownPre = 0x07;
constexpr char kEnd = 0x08;
constexpr char kPlus = 0x09;
constexpr char kRevision = 0x0a;
constexpr char kWord = 0x0b;
constexpr char kNumber = 0x0c;

struct PreRelease {
  std::string_view word;
  char mark;
};

constexpr PreRelease kPreReleases[] = {{"dev", kDev},     {"alpha", kAlpha}, {"\u03b1", kAlpha}, {"beta", kBeta},
                                       {"\u03b2", kBeta}, {"pre", kPre},     {"preview", kPre},  {"rc", kRc}};

// One letter alone is the patch of a release as often (OpenSSL 1.1.1a); PEP 440 always writes the number.
constexpr PreRelease kBeforeDigit[] = {{"a", kAlpha}, {"b", kBeta}, {"c", kRc}};

constexpr std::string_view kLaterThanRelease[] = {"post", "p",      "pl",     "patch", "r",       "rev",
                                                  "sp",   "update", "hotfix", "final", "release", "ga"};

constexpr bool IsWordByte(char c) { return IsLetter(c) || static_cast<unsigned char>(c) >= 0x80; }

std::string LowerCase(std::string_view word) {
  std::string lower(word);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

char MarkOfWord(std::string_view lower, bool behind_hyphen, bool before_digit) {
  for (const PreRelease& known : kPreReleases) {
    if (known.word == lower) return known.mark;
  }
  for (const PreRelease& known : kBeforeDigit) {
    if (before_digit && known.word == lower) return known.mark;
  }
  const bool later = std::ranges::find(kLaterThanRelease, lower) != std::end(kLaterThanRelease);
  return behind_hyphen && !later ? kUnknownPre : kWord;
}

class Writer {
 public:
  explicit Writer(std::size_t size) { key_.reserve(size * 2 + 8); }

  bool Empty() const { return empty_; }

  void Add(char mark) {
    zeros_held_ = 0;
    empty_ = false;
    key_ += mark;
  }

  void AddWord(std::string_view word, bool behind_hyphen, bool before_digit) {
    const std::string lower = LowerCase(word);
    const char mark = MarkOfWord(lower, behind_hyphen, before_digit);
    Add(mark);
    if (mark == kWord || mark == kUnknownPre) AppendWord(lower, key_);
  }

  // Zeros at the end of a row of numbers are as if they were missing: they wait for a number that is more.
  void AddNumber(std::string_view digits) {
    empty_ = false;
    if (digits.find_first_not_of('0') == std::string_view::npos) {
      ++zeros_held_;
      return;
    }
    for (; zeros_held_ > 0; --zeros_held_) {
      key_ += kNumber;
      AppendNumber("", key_);
    }
    key_ += kNumber;
    AppendNumber(digits, key_);
  }

  std::string Take() {
    key_ += empty_ ? kNothing : kEnd;
    return std::move(key_);
  }

 private:
  std::string key_;
  std::size_t zeros_held_ = 0;
  bool empty_ = true;
};

}  // namespace

std::string GenericKey(std::string_view version) {
  Writer writer(version.size());
  char before = 0;
  for (std::string_view rest = version; !rest.empty();) {
    const char first = rest.front();
    if (IsDigit(first)) {
      if (before == '-') writer.Add(kRevision);
      writer.AddNumber(TakeRun(rest, IsDigit));
    } else if (IsWordByte(first)) {
      const std::string_view word = TakeRun(rest, IsWordByte);
      const bool before_digit = !rest.empty() && IsDigit(rest.front());
      const bool v_of_version = writer.Empty() && before_digit && (word == "v" || word == "V");
      if (!v_of_version) writer.AddWord(word, before == '-', before_digit);
    } else {
      rest.remove_prefix(1);
      if (first == '~') writer.Add(kTilde);
      if (first == '+') writer.Add(kPlus);
    }
    before = first;
  }
  return writer.Take();
}

}  // namespace daicho::version_order
