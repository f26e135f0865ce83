#include "tests/common/version_comparators.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace daicho {

namespace {

using std::string_view;

constexpr string_view kDigits = "0123456789";
constexpr string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool StartsWithAnyOf(string_view text, string_view set) { return !text.empty() && set.find(text[0]) != set.npos; }

// Cuts what consists of characters of the set off the front.
string_view Cut(string_view& text, string_view set) {
  const auto size = std::min(text.find_first_not_of(set), text.size());
  const string_view front = text.substr(0, size);
  text = text.substr(size);
  return front;
}

int Sign(int value) { return (value > 0) - (value < 0); }
int CompareText(string_view a, string_view b) { return Sign(a.compare(b)); }

int CompareNumber(string_view a, string_view b) {
  a = a.substr(std::min(a.find_first_not_of('0'), a.size()));
  b = b.substr(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return CompareText(a, b);
}

// --- deb-version(7)
// ---------------------------------------------------------------------------------------------------

int DpkgWeight(string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  if (text[at] == '~') return -1;
  const int byte = static_cast<unsigned char>(text[at]);
  return kLetters.find(text[at]) != kLetters.npos ? byte : byte + 256;
}

int CompareDpkgPart(string_view a, string_view b) {
  while (!a.empty() || !b.empty()) {
    const string_view text_a = a.substr(0, a.find_first_of(kDigits));
    const string_view text_b = b.substr(0, b.find_first_of(kDigits));
    for (std::size_t at = 0; at < std::max(text_a.size(), text_b.size()); ++at) {
      if (const int order = DpkgWeight(text_a, at) - DpkgWeight(text_b, at)) return Sign(order);
    }
    a.remove_prefix(text_a.size());
    b.remove_prefix(text_b.size());
    if (const int order = CompareNumber(Cut(a, kDigits), Cut(b, kDigits))) return order;
  }
  return 0;
}

struct Label {
  string_view epoch;
  string_view version;
  std::optional<string_view> revision;
};

Label SplitLabel(string_view text, bool epoch_may_be_empty) {
  Label label;
  const auto colon = text.find(':');
  if (colon != text.npos && text.substr(0, colon).find_first_not_of(kDigits) == text.npos &&
      (colon > 0 || epoch_may_be_empty)) {
    label.epoch = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  const auto hyphen = text.rfind('-');
  label.version = text.substr(0, hyphen);
  if (hyphen != text.npos) label.revision = text.substr(hyphen + 1);
  return label;
}

int CompareDpkg(string_view a, string_view b) {
  const Label label_a = SplitLabel(a, false);
  const Label label_b = SplitLabel(b, false);
  if (const int order = CompareNumber(label_a.epoch, label_b.epoch)) return order;
  if (const int order = CompareDpkgPart(label_a.version, label_b.version)) return order;
  return CompareDpkgPart(label_a.revision.value_or(""), label_b.revision.value_or(""));
}

// --- rpm-version(7), vercmp(8)
// ----------------------------------------------------------------------------------------

int CompareRpmPart(string_view a, string_view b) {
  const auto skip = [](string_view& text) {
    while (!text.empty() && !StartsWithAnyOf(text, kDigits) && !StartsWithAnyOf(text, kLetters) && text[0] != '~' &&
           text[0] != '^') {
      text.remove_prefix(1);
    }
  };
  while (true) {
    skip(a);
    skip(b);
    if (a.empty() && b.empty()) return 0;
    if (a.starts_with('~') != b.starts_with('~')) return a.starts_with('~') ? -1 : 1;
    if (!a.starts_with('~')) {
      if (a.empty() || b.empty()) return a.empty() ? -1 : 1;
      if (a.starts_with('^') != b.starts_with('^')) return a.starts_with('^') ? -1 : 1;
    }
    if (a[0] == '~' || a[0] == '^') {
      a.remove_prefix(1);
      b.remove_prefix(1);
      continue;
    }
    const bool number = StartsWithAnyOf(a, kDigits);
    if (number != StartsWithAnyOf(b, kDigits)) return number ? 1 : -1;
    const int order =
        number ? CompareNumber(Cut(a, kDigits), Cut(b, kDigits)) : CompareText(Cut(a, kLetters), Cut(b, kLetters));
    if (order != 0) return order;
  }
}

int ComparePacmanPart(string_view a, string_view b) {
  const auto cut_separators = [](string_view& text) {
    std::size_t size = 0;
    while (!text.empty() && !StartsWithAnyOf(text, kDigits) && !StartsWithAnyOf(text, kLetters)) {
      text.remove_prefix(1);
      ++size;
    }
    return size;
  };
  while (!a.empty() && !b.empty()) {
    const std::size_t separators_a = cut_separators(a);
    const std::size_t separators_b = cut_separators(b);
    if (separators_a != separators_b) return separators_a < separators_b ? -1 : 1;
    if (a.empty() || b.empty()) break;
    const bool number = StartsWithAnyOf(a, kDigits);
    if (number != StartsWithAnyOf(b, kDigits)) return number ? 1 : -1;
    const int order =
        number ? CompareNumber(Cut(a, kDigits), Cut(b, kDigits)) : CompareText(Cut(a, kLetters), Cut(b, kLetters));
    if (order != 0) return order;
  }
  if (a.empty() && b.empty()) return 0;
  const int longer = a.empty() ? -1 : 1;
  return StartsWithAnyOf(a.empty() ? b : a, kLetters) ? -longer : longer;
}

int CompareLabels(string_view a, string_view b, int (*compare_part)(string_view, string_view)) {
  if (a.empty() || b.empty()) return static_cast<int>(b.empty()) - static_cast<int>(a.empty());
  const Label label_a = SplitLabel(a, true);
  const Label label_b = SplitLabel(b, true);
  if (const int order = CompareNumber(label_a.epoch, label_b.epoch)) return order;
  if (const int order = compare_part(label_a.version, label_b.version)) return order;
  if (label_a.revision.has_value() != label_b.revision.has_value()) return label_a.revision ? 1 : -1;
  return label_a.revision ? compare_part(*label_a.revision, *label_b.revision) : 0;
}

// --- the generic order
// ------------------------------------------------------------------------------------------------

enum class Kind { kTilde, kDev, kAlpha, kBeta, kPre, kRc, kOtherPre, kEnd, kPlus, kRevision, kWord, kNumber };

struct Piece {
  Kind kind;
  std::string text;
};

Piece WordPiece(std::string word, char before, char after) {
  for (char& c : word) {
    const auto at = string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZ").find(c);
    if (at != string_view::npos) c = kLower[at];
  }
  const bool digit_follows = kDigits.find(after) != kDigits.npos;
  if (word == "dev") return {Kind::kDev, ""};
  if (word == "alpha" || word == "α" || (word == "a" && digit_follows)) return {Kind::kAlpha, ""};
  if (word == "beta" || word == "β" || (word == "b" && digit_follows)) return {Kind::kBeta, ""};
  if (word == "pre" || word == "preview") return {Kind::kPre, ""};
  if (word == "rc" || (word == "c" && digit_follows)) return {Kind::kRc, ""};
  static constexpr string_view kLater = " post p pl patch r rev sp update hotfix final release ga ";
  const bool later = kLater.find(" " + word + " ") != kLater.npos;
  return {before == '-' && !later ? Kind::kOtherPre : Kind::kWord, word};
}

std::vector<Piece> Pieces(string_view text) {
  const auto is_word = [](char c) { return static_cast<unsigned char>(c) >= 128 || kLetters.find(c) != kLetters.npos; };
  std::vector<Piece> pieces;
  for (std::size_t at = 0; at < text.size();) {
    const char before = at > 0 ? text[at - 1] : ' ';
    std::size_t end = at + 1;
    if (kDigits.find(text[at]) != kDigits.npos) {
      end = std::min(text.find_first_not_of(kDigits, at), text.size());
      if (before == '-') pieces.push_back({Kind::kRevision, ""});
      pieces.push_back({Kind::kNumber, std::string(text.substr(at, end - at))});
    } else if (is_word(text[at])) {
      while (end < text.size() && is_word(text[end])) ++end;
      const char after = end < text.size() ? text[end] : ' ';
      const string_view word = text.substr(at, end - at);
      const bool v = pieces.empty() && (word == "v" || word == "V") && kDigits.find(after) != kDigits.npos;
      if (!v) pieces.push_back(WordPiece(std::string(word), before, after));
    } else if (text[at] == '~' || text[at] == '+') {
      pieces.push_back({text[at] == '~' ? Kind::kTilde : Kind::kPlus, ""});
    }
    at = end;
  }
  return pieces;
}

int CompareGeneric(string_view text_a, string_view text_b) {
  const std::vector<Piece> a = Pieces(text_a);
  const std::vector<Piece> b = Pieces(text_b);
  if (a.empty() || b.empty()) return static_cast<int>(b.empty()) - static_cast<int>(a.empty());
  static const Piece kEnd{Kind::kEnd, ""};
  for (std::size_t i = 0, j = 0;;) {
    const Piece& piece_a = i < a.size() ? a[i] : kEnd;
    const Piece& piece_b = j < b.size() ? b[j] : kEnd;
    const bool number_a = piece_a.kind == Kind::kNumber;
    const bool number_b = piece_b.kind == Kind::kNumber;
    if (number_a || number_b) {  // where only one has a number, the other's is 0
      const int order = CompareNumber(number_a ? piece_a.text : "0", number_b ? piece_b.text : "0");
      if (order != 0) return order;
      i += static_cast<std::size_t>(number_a);
      j += static_cast<std::size_t>(number_b);
      continue;
    }
    if (piece_a.kind != piece_b.kind) return piece_a.kind < piece_b.kind ? -1 : 1;
    if (piece_a.kind == Kind::kEnd) return 0;
    if (const int order = CompareText(piece_a.text, piece_b.text)) return order;
    ++i;
    ++j;
  }
}

// --- apk-package(5)
// ---------------------------------------------------------------------------------------------------

struct ApkSuffix {
  std::size_t rank = 4;  // of no suffix
  std::optional<string_view> number;
};

struct ApkVersion {
  std::vector<string_view> numbers;
  string_view letter;
  std::optional<string_view> letter_number;
  std::vector<ApkSuffix> suffixes;
  string_view hash;
  std::optional<string_view> revision;
  string_view rest;  // what the grammar does not have
};

std::optional<string_view> CutNumber(string_view& text) {
  if (!StartsWithAnyOf(text, kDigits)) return std::nullopt;
  return Cut(text, kDigits);
}

std::optional<ApkSuffix> CutSuffix(string_view& text) {
  static constexpr std::array<string_view, 10> kRanks = {"alpha", "beta", "pre", "rc", "none",
                                                         "cvs",   "svn",  "git", "hg", "p"};
  if (!text.starts_with('_')) return std::nullopt;
  string_view behind = text.substr(1);
  const string_view name = Cut(behind, kLower);
  const auto* known = std::ranges::find(kRanks, name);
  if (known == kRanks.end() || name == "none") return std::nullopt;
  text = behind;
  ApkSuffix suffix;
  suffix.rank = static_cast<std::size_t>(known - kRanks.begin());
  suffix.number = CutNumber(text);
  return suffix;
}

ApkVersion ParseApk(string_view text) {
  ApkVersion version;
  if (const auto first = CutNumber(text)) {
    version.numbers.push_back(*first);
    while (text.starts_with('.') && StartsWithAnyOf(text.substr(1), kDigits)) {
      text.remove_prefix(1);
      version.numbers.push_back(Cut(text, kDigits));
    }
    if (StartsWithAnyOf(text, kLower)) {
      version.letter = text.substr(0, 1);
      text.remove_prefix(1);
      version.letter_number = CutNumber(text);
    }
    while (const auto suffix = CutSuffix(text)) version.suffixes.push_back(*suffix);
    if (text.starts_with('~') && StartsWithAnyOf(text.substr(1), "0123456789abcdef")) {
      text.remove_prefix(1);
      version.hash = Cut(text, "0123456789abcdef");
    }
    if (text.starts_with("-r") && StartsWithAnyOf(text.substr(2), kDigits)) {
      text.remove_prefix(2);
      version.revision = Cut(text, kDigits);
    }
  }
  version.rest = text;
  return version;
}

// A part that one of them has not is lower than any.
template <typename Value, typename Compare>
int CompareOptional(const Value& a, const Value& b, bool has_a, bool has_b, Compare compare) {
  if (has_a != has_b) return has_a ? 1 : -1;
  return has_a ? compare(a, b) : 0;
}

int CompareApkNumbers(const ApkVersion& a, const ApkVersion& b) {
  for (std::size_t i = 0; i < std::max(a.numbers.size(), b.numbers.size()); ++i) {
    if (i >= a.numbers.size() || i >= b.numbers.size()) return i < a.numbers.size() ? 1 : -1;
    const bool as_text = i > 0 && (a.numbers[i][0] == '0' || b.numbers[i][0] == '0');
    const int order = as_text ? CompareText(a.numbers[i], b.numbers[i]) : CompareNumber(a.numbers[i], b.numbers[i]);
    if (order != 0) return order;
  }
  return 0;
}

int CompareApkSuffixes(const ApkVersion& a, const ApkVersion& b) {
  const auto suffix_at = [](const ApkVersion& version, std::size_t i) {
    return i < version.suffixes.size() ? version.suffixes[i] : ApkSuffix();
  };
  for (std::size_t i = 0; i < std::max(a.suffixes.size(), b.suffixes.size()); ++i) {
    const ApkSuffix suffix_a = suffix_at(a, i);
    const ApkSuffix suffix_b = suffix_at(b, i);
    if (suffix_a.rank != suffix_b.rank) return suffix_a.rank < suffix_b.rank ? -1 : 1;
    if (suffix_a.number && suffix_b.number) {
      if (const int order = CompareNumber(*suffix_a.number, *suffix_b.number)) return order;
    } else if (suffix_a.number || suffix_b.number) {
      // Only a suffix of what is later than the release is more than a number.
      const bool later_a = !suffix_a.number && suffix_at(a, i + 1).rank > ApkSuffix().rank;
      const bool later_b = !suffix_b.number && suffix_at(b, i + 1).rank > ApkSuffix().rank;
      return later_a || (suffix_a.number && !later_b) ? 1 : -1;
    }
  }
  return 0;
}

int CompareApk(string_view text_a, string_view text_b) {
  if (text_a.empty() || text_b.empty()) return static_cast<int>(text_b.empty()) - static_cast<int>(text_a.empty());
  const ApkVersion a = ParseApk(text_a);
  const ApkVersion b = ParseApk(text_b);
  const auto numbers = [](const auto& x, const auto& y) { return CompareNumber(*x, *y); };
  if (const int order = CompareApkNumbers(a, b)) return order;
  if (const int order = CompareText(a.letter, b.letter)) return order;
  if (const int order = CompareOptional(a.letter_number, b.letter_number, a.letter_number.has_value(),
                                        b.letter_number.has_value(), numbers)) {
    return order;
  }
  if (const int order = CompareApkSuffixes(a, b)) return order;
  if (const int order = CompareText(a.hash, b.hash)) return order;
  if (const int order =
          CompareOptional(a.revision, b.revision, a.revision.has_value(), b.revision.has_value(), numbers)) {
    return order;
  }
  if (a.rest.empty() != b.rest.empty()) return a.rest.empty() ? 1 : -1;
  return CompareGeneric(a.rest, b.rest);
}

}  // namespace

int CompareVersions(string_view manager, string_view a, string_view b) {
  if (manager == "dpkg") return CompareDpkg(a, b);
  if (manager == "rpm") return CompareLabels(a, b, CompareRpmPart);
  if (manager == "pacman") return CompareLabels(a, b, ComparePacmanPart);
  if (manager == "apk") return CompareApk(a, b);
  return CompareGeneric(a, b);
}

}  // namespace daicho
