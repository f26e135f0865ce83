// The generic order: version_order.h's own definition, with the examples of PEP 440 and of Semantic Versioning.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/common/version_samples.h"

namespace daicho {
namespace {

class GenericOrder : public testing::TestWithParam<Ascending> {};

TEST_P(GenericOrder, EachVersionSortsBeforeTheNext) { ExpectAscending("windows", GetParam().versions); }

INSTANTIATE_TEST_SUITE_P(
    Definition, GenericOrder,
    testing::Values(Ascending{"WhatMayComeNext",
                              {"1.0~x", "1.0.dev3", "1.0a1", "1.0 Beta 2", "1.0_pre1", "1.0-rc.1", "1.0-canary", "1.0",
                               "1.0+build5", "1.0-2", "1.0w", "1.0.1"}},
                    Ascending{"NumbersByValue",
                              {"9.2", "10.0.9", "10.0.10", "10.1", "99999999999999999999", "100000000000000000000"}},
                    Ascending{"MissingNumberIsZero", {"1.2 beta", "1.2.0", "1.2.0 x", "1.2.0.0.1"}},
                    Ascending{"PreReleaseWithAnySeparatorOrNone",
                              {"2.0alpha1", "2.0-alpha2", "2.0_Alpha.3", "2.0 ALPHA 4", "2.0-beta", "2.0β3", "2.0RC1",
                               "2.0"}},
                    Ascending{"LettersOfPatches", {"1.0.2", "1.1.1", "1.1.1a", "1.1.1k", "1.1.1w", "1.1.2"}},
                    Ascending{"WordsThatAreLater", {"1.0-canary", "1.0", "1.0-p1", "1.0-post1", "1.0-r1", "1.0.1"}},
                    Ascending{"CommitsSinceTag", {"1.2.3", "1.2.3-4-g0abc12", "1.2.3-4", "1.2.3-45", "1.2.4"}},
                    Ascending{"RevisionIsNoNumber", {"1.2-0", "1.2-3", "1.2.0.1", "1.2.1"}},
                    Ascending{"TextIsBehindAMissingNumber", {"", "0", "unknown", "1"}}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(Specifications, GenericOrder,
                         testing::Values(Ascending{"Pep440",
                                                   {"1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12",
                                                    "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345",
                                                    "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5",
                                                    "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1"}},
                                         Ascending{
                                             "SemanticVersioning",
                                             {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0.0-beta.2",
                                              "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"}}),
                         [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Seen, GenericOrder,
    testing::Values(Ascending{"Windows", {"6.1.7601", "6.1.7601 Service Pack 1", "10.0.19045.3803", "10.0.22621.1"}},
                    Ascending{"Chrome", {"99.0.4844.84", "127.0.6533.88", "127.0.6533.100"}},
                    Ascending{"Java", {"1.8.0_202", "1.8.0_292", "11.0.2", "17.0.1"}},
                    Ascending{"Snap", {"2.63~rc1", "2.63", "2.63+24.04", "2.63.1"}},
                    Ascending{"Node", {"18.20.4", "20.0.0-nightly", "20.0.0", "v20.0.1"}}),
    [](const auto& test) { return test.param.name; });

TEST(GenericVersionKey, EqualVersionsHaveEqualKeys) {
  ExpectEqual("windows", {"1.2", "1.2.0", "1.2.0.0", " 1.2 ", "v1.2", "V1.2", "01.002", "1,2", "1.2\r\n"});
  ExpectEqual("python", {"1.0rc", "1.0rc0", "1-RC", "1.0.0 rc 0", "1.0c0"});
  ExpectEqual("snap", {"1.2 Beta", "1.2.0beta", "1.2-beta", "1.2_β"});
  ExpectEqual("node", {"0", "0.0", "v0"});
}

TEST(GenericVersionKey, LeadingVIsDroppedOnlyBeforeADigitAtTheFront) {
  ExpectAscending("windows", {"v", "1", "1v1", "1.1"});
}

// A version that has nothing to compare is none.
TEST(GenericVersionKey, SeparatorsAloneAreAsTheEmptyVersion) {
  ExpectEqual("windows", {"", " ", "...", "-", "(_)", std::string(1, '\0')});
}

}  // namespace
}  // namespace daicho
