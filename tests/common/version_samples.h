// Versions for the tests of version keys: random ones of an alphabet, neighbours of these, and pairs in order.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/version_order.h"

namespace daicho {

inline int Sign(int value) { return (value > 0) - (value < 0); }

inline int CompareKeys(std::string_view manager, std::string_view a, std::string_view b) {
  return Sign(VersionKey(manager, a).compare(VersionKey(manager, b)));
}

// Up to `most` characters of the alphabet; a character that stands there twice is twice as frequent.
inline std::string RandomText(std::string_view alphabet, std::size_t most, std::mt19937_64& random) {
  std::string text;
  for (std::size_t left = random() % (most + 1); left > 0; --left) text += alphabet[random() % alphabet.size()];
  return text;
}

// A version near another one: real comparisons are decided late in the string.
inline std::string Neighbour(std::string text, std::string_view alphabet, std::mt19937_64& random) {
  const auto position = random() % (text.size() + 1);
  const char c = alphabet[random() % alphabet.size()];
  if (position == text.size() || random() % 3 == 0) return text.insert(position, 1, c);
  if (random() % 2 == 0) return text.erase(position, 1);
  text[position] = c;
  return text;
}

// All texts of up to `most` characters of the alphabet, the empty one too.
inline std::vector<std::string> AllTexts(std::string_view alphabet, std::size_t most) {
  std::vector<std::string> texts = {""};
  for (std::size_t begin = 0; most > 0; --most) {
    const std::size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const char c : alphabet) texts.push_back(texts[begin] + c);
    }
  }
  return texts;
}

// Versions from the lowest to the highest; a test compares each with each.
struct Ascending {
  const char* name;
  std::vector<std::string> versions;
};

inline void PrintTo(const Ascending& ascending, std::ostream* out) { *out << ascending.name; }

inline void ExpectAscending(std::string_view manager, const std::vector<std::string>& versions) {
  for (std::size_t a = 0; a < versions.size(); ++a) {
    for (std::size_t b = 0; b < versions.size(); ++b) {
      EXPECT_EQ(CompareKeys(manager, versions[a], versions[b]), Sign(static_cast<int>(a) - static_cast<int>(b)))
          << "'" << versions[a] << "' and '" << versions[b] << "'";
    }
  }
}

inline void ExpectEqual(std::string_view manager, const std::vector<std::string>& versions) {
  for (const std::string& version : versions) {
    EXPECT_EQ(CompareKeys(manager, versions.front(), version), 0) << versions.front() << " and " << version;
  }
}

}  // namespace daicho
