// apk's version keys. apk-tools is no Debian package: the pairs are examples of what apk-package(5) says and of how
// apk_version_compare() (src/version.c, apk-tools 3) decides what the manual leaves open.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/version_samples.h"

namespace daicho {
namespace {

class ApkOrder : public testing::TestWithParam<Ascending> {};

TEST_P(ApkOrder, EachVersionSortsBeforeTheNext) { ExpectAscending("apk", GetParam().versions); }

INSTANTIATE_TEST_SUITE_P(
    Grammar, ApkOrder,
    testing::Values(Ascending{"NumbersByValue",
                              {"0.9.9", "0.12.1", "1.0", "1.0.8", "1.2.1", "9.3.2", "10.1", "20050718"}},
                    Ascending{"FirstNumberHasNoFraction", {"1.06-r6", "006", "013", "014-r1", "087-r1", "103"}},
                    Ascending{"SuffixesInTheOrderOfTheManual",
                              {"1.0_alpha", "1.0_beta", "1.0_pre", "1.0_rc", "1.0", "1.0_cvs", "1.0_svn", "1.0_git",
                               "1.0_hg", "1.0_p"}},
                    Ascending{"SuffixNumbersByValue", {"1.0_p", "1.0_p0", "1.0_p9-r0", "1.0_p10-r0"}},
                    Ascending{"ReleaseBehindItsPreRelease",
                              {"0.9.9", "0.10.0_rc1", "0.10.0_rc2-r1", "0.10.0", "0.10.0-r1", "0.10.1_rc1"}},
                    Ascending{"TwoSuffixes", {"0.1.0_alpha_pre2", "0.1.0_alpha", "0.1.0_alpha1", "0.1.0_alpha_p1"}},
                    Ascending{"Letter", {"0.9.8", "0.9.8c-r1", "0.9.8d", "0.9.8.1"}},
                    Ascending{"Revision", {"3.0.11", "3.0.11-r0", "3.0.11-r1", "3.0.11-r10", "3.0.11.1-r0"}},
                    Ascending{"Hash", {"1.0", "1.0-r9", "1.0~0a", "1.0~0a-r1", "1.0~0ab", "1.0~f", "1.0_p1~1", "1.0a"}},
                    Ascending{"LongNumbers",
                              {"1.0.0_pre20191002222144-r0", "1.0.0_pre20210530193627-r0",
                               "1.0.0_pre99999999999999999999", "1.0.0_pre100000000000000000000"}}),
    [](const auto& test) { return test.param.name; });

// apk_version_compare() compares as text where either number begins with 0: so 1.05 is no 1.5.
INSTANTIATE_TEST_SUITE_P(NumbersThatBeginWithZero, ApkOrder,
                         testing::Values(Ascending{"BeforeAllOthers", {"1.0", "1.00", "1.05", "1.1", "1.5", "1.10"}},
                                         Ascending{"AmongThemselves", {"1.02.06", "1.02.10", "1.02.11-r1"}},
                                         Ascending{"OfNasm", {"2.15.05-r0", "2.15.4-r0", "2.16.01-r0", "2.16.1-r0"}},
                                         Ascending{"ButNotOfSuffixAndRevision", {"1.0-r01", "1.0-r2", "1.0-r010"}}),
                         [](const auto& test) { return test.param.name; });

// A number behind the letter is grammar of apk-tools 2 alone (libretls 3.3.3p1); in 3 both texts were equal from there
// on, so a host without the fix of -r3 looked as if it had it.
INSTANTIATE_TEST_SUITE_P(
    OutsideTheGrammar, ApkOrder,
    testing::Values(
        Ascending{"PatchNumberBehindLetter", {"3.3.3", "3.3.3p", "3.3.3p1-r2", "3.3.3p1-r3", "3.3.3p2", "3.3.3q"}},
        Ascending{"RestBeforeTheEnd", {"1.0_rc1", "1.0_foo1", "1.0_foo2", "1.0", "1.0-r1", "1.0b.", "1.0b"}},
        Ascending{"NoNumberAtAll", {"", "abc", "0"}}),
    [](const auto& test) { return test.param.name; });

TEST(ApkVersionKey, EqualVersionsHaveEqualKeys) {
  ExpectEqual("apk", {"1.2-r1", "01.2-r01"});
  ExpectEqual("apk", {"1.2_p1", "1.2_p01"});
}

}  // namespace
}  // namespace daicho
