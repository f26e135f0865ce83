// rpm's version keys against librpm, the packaging system's own word.
#include <gtest/gtest.h>
#include <rpm/rpmver.h>

#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/common/version_samples.h"

namespace daicho {
namespace {

using Parsed = std::unique_ptr<rpmver_s, decltype(&rpmverFree)>;

Parsed Parse(const std::string& version) { return {rpmverParse(version.c_str()), &rpmverFree}; }

// librpm parses the empty text to nothing, which is lower than any.
int CompareByRpm(const Parsed& a, const Parsed& b) {
  if (!a || !b) return static_cast<int>(b == nullptr) - static_cast<int>(a == nullptr);
  return rpmverCmp(a.get(), b.get());
}

int CompareByRpm(const std::string& a, const std::string& b) { return CompareByRpm(Parse(a), Parse(b)); }

std::vector<std::string> RealVersions() {
  std::vector<std::string> versions;
  std::ifstream file(DAICHO_FIXTURES "/versions/rpm.txt");
  for (std::string line; std::getline(file, line);) {
    if (!line.empty() && line.front() != '#') versions.push_back(line);
  }
  return versions;
}

// Each with each: where the keys, whose order is total, agree with librpm on all pairs, librpm's order is total as
// well.
void ExpectAgreementOnAllPairs(const std::vector<std::string>& versions) {
  std::vector<Parsed> parsed;
  std::vector<std::string> keys;
  for (const std::string& version : versions) {
    parsed.push_back(Parse(version));
    keys.push_back(VersionKey("rpm", version));
  }
  for (std::size_t a = 0; a < versions.size(); ++a) {
    for (std::size_t b = 0; b < versions.size(); ++b) {
      ASSERT_EQ(Sign(keys[a].compare(keys[b])), CompareByRpm(parsed[a], parsed[b]))
          << "'" << versions[a] << "' and '" << versions[b] << "'";
    }
  }
}

TEST(RpmVersionKey, AgreesWithLibrpmOnAMillionRandomPairs) {
  static constexpr std::string_view kAlphabet = "0001129~~^^..+_-:abzAZ";
  std::mt19937_64 random(20261124);
  for (int compared = 0; compared < 1'000'000; ++compared) {
    const std::string a = RandomText(kAlphabet, 12, random);
    const std::string b = random() % 2 == 0 ? RandomText(kAlphabet, 12, random) : Neighbour(a, kAlphabet, random);
    ASSERT_EQ(CompareKeys("rpm", a, b), CompareByRpm(a, b)) << "'" << a << "' and '" << b << "'";
  }
}

TEST(RpmVersionKey, AgreesWithLibrpmOnAnyBytes) {
  std::string bytes;
  for (int byte = 1; byte < 256; ++byte) bytes += static_cast<char>(byte);
  std::mt19937_64 random(20261125);
  for (int compared = 0; compared < 200'000; ++compared) {
    const std::string a = RandomText(bytes, 8, random) + RandomText("01a~^-", 4, random);
    const std::string b = Neighbour(a, bytes, random);
    ASSERT_EQ(CompareKeys("rpm", a, b), CompareByRpm(a, b)) << "'" << a << "' and '" << b << "'";
  }
}

TEST(RpmVersionKey, AgreesWithLibrpmOnAllPairsOfShortVersions) {
  ExpectAgreementOnAllPairs(AllTexts("09aB.+~^-:", 3));
  ExpectAgreementOnAllPairs(AllTexts("1a.~^", 4));
}

TEST(RpmVersionKey, AgreesWithLibrpmOnAllPairsOfRealVersions) {
  const std::vector<std::string> versions = RealVersions();
  ASSERT_GT(versions.size(), 100u) << "tests/fixtures/versions/rpm.txt is missing";
  ExpectAgreementOnAllPairs(versions);
}

// A version and its release are compared by rpmvercmp() itself, too.
TEST(RpmVersionKey, AgreesWithRpmvercmpOnVersionsWithoutEpochAndRelease) {
  static constexpr std::string_view kAlphabet = "0012~^._+abA";
  std::mt19937_64 random(20261126);
  for (int compared = 0; compared < 200'000; ++compared) {
    const std::string a = "1" + RandomText(kAlphabet, 10, random);
    const std::string b = "1" + Neighbour(a.substr(1), kAlphabet, random);
    ASSERT_EQ(CompareKeys("rpm", a, b), rpmvercmp(a.c_str(), b.c_str())) << "'" << a << "' and '" << b << "'";
  }
}

class RpmOrder : public testing::TestWithParam<Ascending> {};

TEST_P(RpmOrder, EachVersionSortsBeforeTheNext) { ExpectAscending("rpm", GetParam().versions); }

INSTANTIATE_TEST_SUITE_P(
    Examples, RpmOrder,
    testing::Values(Ascending{"NumbersByValue", {"9.2-1", "10.1-1"}}, Ascending{"EpochWins", {"9.9-1", "1:0.1-1"}},
                    Ascending{"TildeEndCaretLettersNumbers", {"1.0~rc1", "1.0", "1.0^git1", "1.0.a", "1.0.1"}},
                    Ascending{"CaretAndTilde", {"1.0^git1~pre", "1.0^git1", "1.0^git1^x"}},
                    Ascending{"LettersAreLaterThanTheEnd", {"6.0", "6.0.rc1"}},
                    Ascending{"CapitalsBeforeSmallLetters", {"1.0B", "1.0a"}},
                    Ascending{"BelowAVersionLeavesItsReleasesOut",
                              {"3.0.7-27.el9", "3.0.11~rc1-1", "3.0.11", "3.0.11-0.1", "3.0.11-1"}},
                    Ascending{"DistributionDecides", {"4.18.0-553.el8", "4.18.0-553.el8_10", "4.18.0-553.5.1.el8_10"}}),
    [](const auto& test) { return test.param.name; });

TEST(RpmVersionKey, EqualVersionsHaveEqualKeys) {
  ExpectEqual("rpm", {"1.0-1", "0:1.0-1", ":1.0-1", "00:1.00-01", "1_0-1", "1+0.-1."});
}

// rpm has two ways to compare: packages, which is an order, and dependencies, where a release that is missing matches
// any. The second cannot be one: 1-1 = 1, 1 = 1-2, 1-1 < 1-2.
TEST(RpmVersionKey, IsTheOrderOfPackagesNotTheMatchOfDependencies) {
  const Parsed bare = Parse("1");
  const Parsed first = Parse("1-1");
  const Parsed second = Parse("1-2");
  EXPECT_TRUE(rpmverOverlap(bare.get(), RPMSENSE_EQUAL, first.get(), RPMSENSE_EQUAL));
  EXPECT_TRUE(rpmverOverlap(bare.get(), RPMSENSE_EQUAL, second.get(), RPMSENSE_EQUAL));
  EXPECT_FALSE(rpmverOverlap(first.get(), RPMSENSE_EQUAL, second.get(), RPMSENSE_EQUAL));
  ExpectAscending("rpm", {"1", "1-1", "1-2"});
}

}  // namespace
}  // namespace daicho
