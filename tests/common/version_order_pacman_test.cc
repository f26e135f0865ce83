// pacman's version keys against libalpm, the packaging system's own word, and the examples of vercmp(8).
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/common/version_samples.h"

// libalpm's header wants libarchive's; this is all of it that is needed here.
extern "C" int alpm_pkg_vercmp(const char* a, const char* b);

namespace daicho {
namespace {

int CompareByAlpm(const std::string& a, const std::string& b) { return alpm_pkg_vercmp(a.c_str(), b.c_str()); }

// libalpm has no order for what ends in a separator (the test below), so versions here end in a letter or a digit.
std::string RandomVersion(std::mt19937_64& random) {
  static constexpr std::string_view kAlphabet = "00112..__+~@abzAZ";
  std::string text;
  if (random() % 6 == 0) text = std::to_string(random() % 3) + ":";
  return text + RandomText(kAlphabet, 9, random) + "01az"[random() % 4];
}

std::string RandomNeighbour(std::string version, std::mt19937_64& random) {
  const char last = version.back();
  version.pop_back();
  return Neighbour(version, "019..+_aZ", random) + last;
}

TEST(PacmanVersionKey, AgreesWithLibalpmOnAMillionRandomPairs) {
  std::mt19937_64 random(20261127);
  for (int compared = 0; compared < 1'000'000; ++compared) {
    std::string a = RandomVersion(random);
    std::string b = random() % 2 == 0 ? RandomVersion(random) : RandomNeighbour(a, random);
    if (random() % 2 == 0) {
      a += "-" + std::to_string(random() % 3);
      b += "-" + std::to_string(random() % 3) + (random() % 3 == 0 ? ".1" : "");
    }
    ASSERT_EQ(CompareKeys("pacman", a, b), CompareByAlpm(a, b)) << "'" << a << "' and '" << b << "'";
  }
}

TEST(PacmanVersionKey, AgreesWithLibalpmOnAllPairsOfShortVersions) {
  std::vector<std::string> versions = AllTexts("01aB._", 4);
  std::erase_if(versions,
                [](const std::string& text) { return text.empty() || text.back() == '.' || text.back() == '_'; });
  for (const std::string& a : versions) {
    for (const std::string& b : versions) ASSERT_EQ(CompareKeys("pacman", a, b), CompareByAlpm(a, b)) << a << " " << b;
  }
}

class PacmanOrder : public testing::TestWithParam<Ascending> {};

TEST_P(PacmanOrder, EachVersionSortsBeforeTheNext) { ExpectAscending("pacman", GetParam().versions); }

INSTANTIATE_TEST_SUITE_P(
    ManualPage, PacmanOrder,
    testing::Values(Ascending{"Alphanumeric",
                              {"1.0a", "1.0b", "1.0beta", "1.0p", "1.0pre", "1.0rc", "1.0", "1.0.a", "1.0.1"}},
                    Ascending{"Numeric", {"1", "1.0", "1.1", "1.1.1", "1.2", "2.0", "3.0.0"}},
                    Ascending{"Epoch", {"1:3.6-1", "2:1.0-1"}}, Ascending{"EpochThatIsMissing", {"4.34", "1:001"}},
                    Ascending{"Pkgrel", {"1.7-6", "2.0", "2.0-1", "2.0-13"}}),
    [](const auto& test) { return test.param.name; });

// vercmp(8): "the pkgrel is only compared if it is available on both versions". That is no order (2.0-1 = 2.0
// = 2.0-13); in the keys a pkgrel that is missing comes before all.
TEST(PacmanVersionKey, MissingPkgrelIsLowerWhereLibalpmCallsItEqual) {
  EXPECT_EQ(CompareByAlpm("2.0", "2.0-1"), 0);
  EXPECT_EQ(CompareByAlpm("2.0", "2.0-13"), 0);
  EXPECT_EQ(CompareByAlpm("2.0-1", "2.0-13"), -1);
  std::mt19937_64 random(20261128);
  for (int compared = 0; compared < 100'000; ++compared) {
    const std::string a = RandomVersion(random);
    const std::string b = RandomNeighbour(a, random) + "-1";
    const int order = CompareByAlpm(a, b);
    ASSERT_EQ(CompareKeys("pacman", a, b), order == 0 ? -1 : order) << "'" << a << "' and '" << b << "'";
  }
}

TEST(PacmanVersionKey, IsAnOrderWhereLibalpmRunsInACircle) {
  EXPECT_EQ(CompareByAlpm("1.0.1", "1.0..a"), -1);
  EXPECT_EQ(CompareByAlpm("1.0..a", "1.0."), -1);
  EXPECT_EQ(CompareByAlpm("1.0.", "1.0.1"), -1);
  ExpectAscending("pacman", {"1.0", "1.0.a", "1.0.", "1.0.1", "1.0..a"});
}

}  // namespace
}  // namespace daicho
