// Version keys against dpkg's own comparison (libdpkg), the packaging system's own word.
#include "common/version_order.h"

#include <gtest/gtest.h>

// libdpkg's headers are C99: flexible array members and C's bool handling are theirs.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#define LIBDPKG_VOLATILE_API  // README.api: the API may change; a test follows it
#include <dpkg/dpkg-db.h>
#include <dpkg/dpkg.h>
#include <dpkg/version.h>
#pragma GCC diagnostic pop

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace daicho {
namespace {

int Sign(int value) { return (value > 0) - (value < 0); }

int CompareKeys(const std::string& a, const std::string& b) {
  return Sign(DpkgVersionKey(a).compare(DpkgVersionKey(b)));
}

// dpkg's verdict; false if dpkg calls one of them no version.
bool CompareByDpkg(const std::string& a, const std::string& b, int& order) {
  dpkg_version parsed_a;
  dpkg_version parsed_b;
  dpkg_error error = DPKG_ERROR_INIT;
  const bool valid = parseversion(&parsed_a, a.c_str(), &error) == 0 && parseversion(&parsed_b, b.c_str(), &error) == 0;
  dpkg_error_destroy(&error);
  if (valid) order = Sign(dpkg_version_compare(&parsed_a, &parsed_b));
  return valid;
}

std::string RandomVersion(std::mt19937_64& random) {
  static constexpr std::string_view kAlphabet = "0001129~~+.-abzAZ";
  const auto below = [&](std::uint64_t n) { return random() % n; };
  std::string text;
  if (below(6) == 0) text = std::to_string(below(3)) + ":";
  text += static_cast<char>('0' + below(10));
  for (std::uint64_t left = below(9); left > 0; --left) text += kAlphabet[below(kAlphabet.size())];
  return text;
}

// A version near another one: real comparisons are decided late in the string.
std::string Neighbour(std::string text, std::mt19937_64& random) {
  static constexpr std::string_view kAlphabet = "019~+.-aZ";
  const auto position = random() % (text.size() + 1);
  switch (random() % 3) {
    case 0:
      return text.insert(position, 1, kAlphabet[random() % kAlphabet.size()]);
    case 1:
      return position < text.size() ? text.erase(position, 1) : text;
    default:
      if (position < text.size()) text[position] = kAlphabet[random() % kAlphabet.size()];
      return text;
  }
}

TEST(DpkgVersionKey, AgreesWithDpkgOnAMillionRandomPairs) {
  std::mt19937_64 random(20261123);
  int compared = 0;
  while (compared < 1'000'000) {
    const std::string a = RandomVersion(random);
    const std::string b = random() % 2 == 0 ? RandomVersion(random) : Neighbour(a, random);
    // A version starts with a digit (deb-version(7)); dpkg reads an epoch by strtol() and lets "-0:1" pass.
    if (b.empty() || b.front() < '0' || b.front() > '9') continue;
    int expected = 0;
    if (!CompareByDpkg(a, b, expected)) continue;
    ASSERT_EQ(CompareKeys(a, b), expected) << "'" << a << "' and '" << b << "'";
    ++compared;
  }
}

// Versions of the distributions in tests/fixtures/roots: every pair.
std::vector<std::string> RealVersions() {
  std::set<std::string> versions;
  for (const auto& root : std::filesystem::directory_iterator(DAICHO_FIXTURES "/roots")) {
    std::ifstream file(root.path() / "var/lib/dpkg/status");
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("Version: ")) versions.insert(line.substr(9));
    }
  }
  return {versions.begin(), versions.end()};
}

TEST(DpkgVersionKey, AgreesWithDpkgOnAllPairsOfRealVersions) {
  const std::vector<std::string> versions = RealVersions();
  ASSERT_GT(versions.size(), 100u) << "the fixture roots are missing";
  std::vector<std::string> keys;
  keys.reserve(versions.size());
  for (const std::string& version : versions) keys.push_back(DpkgVersionKey(version));
  for (std::size_t a = 0; a < versions.size(); ++a) {
    for (std::size_t b = 0; b < versions.size(); ++b) {
      int expected = 0;
      ASSERT_TRUE(CompareByDpkg(versions[a], versions[b], expected));
      ASSERT_EQ(Sign(keys[a].compare(keys[b])), expected) << versions[a] << " and " << versions[b];
    }
  }
}

struct Pair {
  const char* name;
  const char* lower;
  const char* higher;
};

class DpkgOrder : public testing::TestWithParam<Pair> {};

TEST_P(DpkgOrder, LowerSortsBeforeHigher) { EXPECT_EQ(CompareKeys(GetParam().lower, GetParam().higher), -1); }

INSTANTIATE_TEST_SUITE_P(
    Examples, DpkgOrder,
    testing::Values(Pair{"NumbersByValue", "9.2", "10.1"}, Pair{"TildeBeforeEnd", "1.0~rc1", "1.0"},
                    Pair{"TildeBehindZero", "1a0~", "1a"}, Pair{"DoubleTildeFirst", "1~~", "1~~a"},
                    Pair{"EpochWins", "9.9", "1:0.1"}, Pair{"RevisionDecides", "3.0.11-1~deb12u1", "3.0.11-1~deb12u2"},
                    Pair{"MissingRevisionIsZero", "1.0", "1.0-0.1"}, Pair{"LettersBeforeOthers", "1.0a", "1.0+"},
                    Pair{"HyphenInUpstream", "1.0-2-1", "1.0-10-1"}, Pair{"LeadingZerosIgnored", "1.009", "1.10"}),
    [](const auto& test) { return test.param.name; });

TEST(DpkgVersionKey, EqualVersionsHaveEqualKeys) {
  EXPECT_EQ(DpkgVersionKey("1.0"), DpkgVersionKey("0:1.0-0"));
  EXPECT_EQ(DpkgVersionKey("1.a"), DpkgVersionKey("1.a0"));
  EXPECT_EQ(DpkgVersionKey("01.02"), DpkgVersionKey("1.2"));
}

TEST(DpkgVersionKey, AcceptsAnyBytes) {
  EXPECT_NE(DpkgVersionKey(std::string("\x00\xff\n:-", 5)), "");
  EXPECT_EQ(CompareKeys("1." + std::string(300, '1'), "1." + std::string(299, '9')), 1);
}

TEST(VersionKey, OrdersPlainDottedNumbersOfUnknownManagersByValue) {
  EXPECT_LT(VersionKey("vendor", "9.2"), VersionKey("vendor", "10.1"));
}

}  // namespace
}  // namespace daicho
