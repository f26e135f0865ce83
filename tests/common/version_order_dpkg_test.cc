// dpkg's version keys against dpkg's own comparison (libdpkg), the packaging system's own word.
#include <gtest/gtest.h>

// libdpkg's headers are C99: flexible array members and C's bool handling are theirs.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#define LIBDPKG_VOLATILE_API  // README.api: the API may change; a test follows it
#include <dpkg/dpkg-db.h>
#include <dpkg/dpkg.h>
#include <dpkg/version.h>
#pragma GCC diagnostic pop

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/common/version_samples.h"

namespace daicho {
namespace {

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

TEST(DpkgVersionKey, AgreesWithDpkgOnAMillionRandomPairs) {
  std::mt19937_64 random(20261123);
  int compared = 0;
  while (compared < 1'000'000) {
    const std::string a = RandomVersion(random);
    const std::string b = random() % 2 == 0 ? RandomVersion(random) : Neighbour(a, "019~+.-aZ", random);
    // A version starts with a digit (deb-version(7)); dpkg reads an epoch by strtol() and lets "-0:1" pass.
    if (b.empty() || b.front() < '0' || b.front() > '9') continue;
    int expected = 0;
    if (!CompareByDpkg(a, b, expected)) continue;
    ASSERT_EQ(CompareKeys("dpkg", a, b), expected) << "'" << a << "' and '" << b << "'";
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
  for (const std::string& version : versions) keys.push_back(VersionKey("dpkg", version));
  for (std::size_t a = 0; a < versions.size(); ++a) {
    for (std::size_t b = 0; b < versions.size(); ++b) {
      int expected = 0;
      ASSERT_TRUE(CompareByDpkg(versions[a], versions[b], expected));
      ASSERT_EQ(Sign(keys[a].compare(keys[b])), expected) << versions[a] << " and " << versions[b];
    }
  }
}

class DpkgOrder : public testing::TestWithParam<Ascending> {};

TEST_P(DpkgOrder, EachVersionSortsBeforeTheNext) { ExpectAscending("dpkg", GetParam().versions); }

INSTANTIATE_TEST_SUITE_P(Examples, DpkgOrder,
                         testing::Values(Ascending{"NumbersByValue", {"9.2", "10.1"}},
                                         Ascending{"TildeBeforeEnd", {"1.0~rc1", "1.0"}},
                                         Ascending{"TildeBehindZero", {"1a0~", "1a"}},
                                         Ascending{"DoubleTildeFirst", {"1~~", "1~~a"}},
                                         Ascending{"EpochWins", {"9.9", "1:0.1"}},
                                         Ascending{"RevisionDecides", {"3.0.11-1~deb12u1", "3.0.11-1~deb12u2"}},
                                         Ascending{"MissingRevisionIsZero", {"1.0", "1.0-0.1"}},
                                         Ascending{"LettersBeforeOthers", {"1.0a", "1.0+"}},
                                         Ascending{"HyphenInUpstream", {"1.0-2-1", "1.0-10-1"}},
                                         Ascending{"LeadingZerosIgnored", {"1.009", "1.10"}}),
                         [](const auto& test) { return test.param.name; });

TEST(DpkgVersionKey, EqualVersionsHaveEqualKeys) {
  ExpectEqual("dpkg", {"1.0", "0:1.0-0", "01.0"});
  ExpectEqual("dpkg", {"1.a", "1.a0"});
}

TEST(DpkgVersionKey, ComparesNumbersOfHundredsOfDigits) {
  ExpectAscending("dpkg", {"1." + std::string(254, '9'), "1." + std::string(255, '1'), "1." + std::string(300, '9')});
}

struct StoredKey {
  const char* version;
  const char* hex;
};

// As written by the first release: stores are full of them.
constexpr StoredKey kStoredKeys[] = {
    {"", "00020002020002"},
    {"1.2.3-4", "0002013165020132650201330202013402"},
    {"1:3.0.11-1~deb12u2", "01310201336502006502023131020201310120211e020231323102013202"},
    {"2:1.0~rc1", "0132020131650200012e1f02013102020002"},
    {"0:1.0", "0002013165020002020002"},
    {"1.0+dfsg-2+b1", "000201316502006220222f23020002020132621e02013102"},
    {":1", "006702013102020002"},
    {"a~Z_%9-", "001d011c725c02013902020002"},
    {"2.1.0-0ubuntu1~22.04.3", "0002013265020131650200020200311e312a30310201310102023232650201346502013302"},
};

TEST(DpkgVersionKey, StaysWhatStoresHold) {
  for (const StoredKey& stored : kStoredKeys) {
    std::string hex;
    for (const char c : VersionKey("dpkg", stored.version)) {
      const auto byte = static_cast<unsigned char>(c);
      hex += "0123456789abcdef"[byte >> 4];
      hex += "0123456789abcdef"[byte & 15];
    }
    EXPECT_EQ(hex, stored.hex) << stored.version;
  }
}

}  // namespace
}  // namespace daicho
