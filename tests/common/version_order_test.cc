// What holds for version keys in every order.
#include "common/version_order.h"

#include <gtest/gtest.h>

#include <clocale>
#include <random>
#include <string>
#include <vector>

#include "tests/common/version_comparators.h"
#include "tests/common/version_samples.h"

namespace daicho {
namespace {

class EveryOrder : public testing::TestWithParam<const char*> {};

INSTANTIATE_TEST_SUITE_P(Managers, EveryOrder, testing::Values("dpkg", "rpm", "pacman", "apk", "windows"),
                         [](const auto& test) { return std::string(test.param); });

// Words of all grammars and bytes of none, put together.
std::string RandomVersion(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {"0",
                                                   "0",
                                                   "1",
                                                   "2",
                                                   "9",
                                                   "10",
                                                   "007",
                                                   ".",
                                                   ".",
                                                   "-",
                                                   "_",
                                                   "~",
                                                   "^",
                                                   "+",
                                                   ":",
                                                   " ",
                                                   "a",
                                                   "b",
                                                   "c",
                                                   "rc",
                                                   "RC",
                                                   "beta",
                                                   "pre",
                                                   "p",
                                                   "dev",
                                                   "post",
                                                   "v",
                                                   "x",
                                                   "Z",
                                                   "_p",
                                                   "_rc",
                                                   "_git",
                                                   "-r1",
                                                   "~ab",
                                                   "\xce\xb2",
                                                   "\xff",
                                                   std::string(1, '\0')};
  std::string text;
  for (auto left = random() % 8; left > 0; --left) text += kPieces[random() % kPieces.size()];
  return text;
}

TEST_P(EveryOrder, KeysAgreeWithAComparisonWithoutKeys) {
  std::mt19937_64 random(20261129);
  for (int compared = 0; compared < 300'000; ++compared) {
    const std::string a = RandomVersion(random);
    const std::string b = random() % 2 == 0 ? RandomVersion(random) : Neighbour(a, "019ab.-_~+^: ", random);
    ASSERT_EQ(CompareKeys(GetParam(), a, b), CompareVersions(GetParam(), a, b))
        << testing::PrintToString(a) << " and " << testing::PrintToString(b);
  }
}

TEST_P(EveryOrder, KeysAreBoundedAndNoneIsTheBeginningOfAnother) {
  std::mt19937_64 random(20261130);
  std::string before = VersionKey(GetParam(), "");
  for (int keys = 0; keys < 100'000; ++keys) {
    const std::string version = RandomVersion(random);
    const std::string key = VersionKey(GetParam(), version);
    ASSERT_LE(key.size(), 3 * version.size() + 16) << version;
    ASSERT_TRUE(key == before || !(key.starts_with(before) || before.starts_with(key))) << version;
    before = key;
  }
}

TEST_P(EveryOrder, NumbersOfHundredsOfDigitsCompareByValue) {
  ExpectAscending(GetParam(),
                  {"1." + std::string(254, '9'), "1." + std::string(255, '1'), "1." + std::string(300, '9')});
}

TEST_P(EveryOrder, KeysDoNotDependOnTheLocale) {
  const std::vector<std::string> versions = {"1.0I", "1.0\xe9", "1.0\xc3\xa9", "1.0\xef\xbc\x91", "1,5"};
  std::vector<std::string> keys;
  for (const std::string& version : versions) keys.push_back(VersionKey(GetParam(), version));
  const std::string locale = std::setlocale(LC_ALL, nullptr);
  ASSERT_NE(std::setlocale(LC_ALL, "C.UTF-8"), nullptr);
  for (std::size_t i = 0; i < versions.size(); ++i) EXPECT_EQ(VersionKey(GetParam(), versions[i]), keys[i]);
  std::setlocale(LC_ALL, locale.c_str());
}

// dpkg's keys are older than this rule.
TEST_P(EveryOrder, TheEmptyVersionIsTheLowest) {
  if (std::string(GetParam()) == "dpkg") return ExpectAscending("dpkg", {"~", "", "0.1", "a"});
  std::mt19937_64 random(20261201);
  for (int compared = 0; compared < 10'000; ++compared) {
    ASSERT_LE(VersionKey(GetParam(), ""), VersionKey(GetParam(), RandomVersion(random)));
  }
  for (const char* low : {"~", "~~", "a", "0"}) EXPECT_EQ(CompareKeys(GetParam(), "", low), -1) << low;
}

TEST(VersionKey, ManagersThatAreNotKnownHaveTheGenericOrder) {
  for (const char* manager : {"windows", "snap", "flatpak", "appimage", "python", "node", "vendor", "", "DPKG"}) {
    EXPECT_EQ(VersionKey(manager, "1.0-rc.1"), VersionKey("windows", "1.0-rc.1")) << manager;
    ExpectAscending(manager, {"1.0-rc.1", "1.0", "9.2", "10.1"});
  }
}

TEST(VersionKey, EachManagerHasItsOwnOrder) {
  ExpectAscending("dpkg", {"1.0~a", "1.0", "1.0a", "1.0^a"});
  ExpectAscending("rpm", {"1.0~a", "1.0", "1.0^a", "1.0a"});
  ExpectAscending("pacman", {"1.0a", "1.0", "1.0~a", "1.0^1"});
  ExpectAscending("apk", {"1.0_rc", "1.0", "1.0_p", "1.0a"});
  ExpectAscending("windows", {"1.0~a", "1.0_rc", "1.0", "1.0a"});
}

}  // namespace
}  // namespace daicho
