#include "common/version_order_schemes.h"

namespace daicho::version_order {

namespace {

// A version part is a sequence of (run of non-digits, number) pairs; the end of the string counts as an empty run and
// the number 0 for ever. Key bytes of a run: '~' sorts before its end, letters before other characters
// (deb-version(7), dpkg's verrevcmp). Then the number. kRunEnd also closes the part: behind a number an empty run can
// only be the end.
constexpr char kTilde = 0x01;
constexpr char kRunEnd = 0x02;

char CharacterKey(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (c == '~') return kTilde;
  if (c >= 'A' && c <= 'Z') return static_cast<char>(3 + (c - 'A'));
  if (c >= 'a' && c <= 'z') return static_cast<char>(29 + (c - 'a'));
  // The others keep their order in the room above the letters: 256 - 10 digits - 52 letters - '~' = 193 values from 55.
  int rank = byte;
  if (byte > '9') rank -= 10;
  if (byte > 'Z') rank -= 26;
  if (byte > 'z') rank -= 26;
  if (byte > '~') rank -= 1;
  return static_cast<char>(55 + rank);
}

void AppendPart(std::string_view part, std::string& key) {
  do {
    while (!part.empty() && !IsDigit(part.front())) {
      key += CharacterKey(part.front());
      part.remove_prefix(1);
    }
    key += kRunEnd;
    AppendNumber(TakeRun(part, IsDigit), key);
  } while (!part.empty());
  key += kRunEnd;
}

bool AllDigits(std::string_view text) {
  for (const char c : text) {
    if (!IsDigit(c)) return false;
  }
  return !text.empty();
}

}  // namespace

std::string DpkgKey(std::string_view version) {
  std::string key;
  key.reserve(version.size() * 2 + 8);
  std::string_view epoch = "0";
  if (const auto colon = version.find(':'); colon != std::string_view::npos && AllDigits(version.substr(0, colon))) {
    epoch = version.substr(0, colon);
    version.remove_prefix(colon + 1);
  }
  std::string_view revision;
  if (const auto hyphen = version.rfind('-'); hyphen != std::string_view::npos) {
    revision = version.substr(hyphen + 1);
    version = version.substr(0, hyphen);
  }
  AppendNumber(epoch, key);
  AppendPart(version, key);
  AppendPart(revision, key);
  return key;
}

}  // namespace daicho::version_order
