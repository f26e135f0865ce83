#include "common/delta.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "daicho/v1/agent.pb.h"

namespace daicho {
namespace {

Rows RandomRows(std::mt19937_64& random, std::size_t most) {
  Rows rows;
  for (std::size_t left = random() % (most + 1); left > 0; --left) {
    rows.push_back("row" + std::to_string(random() % (most * 2)) + std::string(random() % 3, '\xff'));
  }
  OrderRows(rows);
  return rows;
}

TEST(Delta, AppliedToItsBaseGivesTheNewRows) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 2'000; ++round) {
    const Rows base = RandomRows(random, 40);
    const Rows now = RandomRows(random, 40);
    v1::SectionDelta delta;
    MakeDelta(base, now, delta);
    ASSERT_EQ(delta.base_digest(), DigestRows(base));
    const Result<Rows> applied = ApplyDelta(base, delta);
    ASSERT_TRUE(applied) << applied.error().message;
    ASSERT_EQ(*applied, now);
  }
}

TEST(Delta, OfEqualRowsIsEmpty) {
  const Rows rows = {"a", "b"};
  v1::SectionDelta delta;
  MakeDelta(rows, rows, delta);
  EXPECT_EQ(delta.removed_size(), 0);
  EXPECT_EQ(delta.added_size(), 0);
  EXPECT_EQ(delta.base_digest(), delta.result_digest());
}

TEST(Delta, OfOneChangedRowCarriesOnlyThatRow) {
  Rows base;
  for (int i = 0; i < 1000; ++i) base.push_back("package " + std::to_string(i));
  OrderRows(base);
  Rows now = base;
  now[500] += " changed";
  OrderRows(now);
  v1::SectionDelta delta;
  MakeDelta(base, now, delta);
  EXPECT_EQ(delta.removed_size(), 1);
  EXPECT_EQ(delta.added_size(), 1);
  EXPECT_LT(delta.ByteSizeLong(), 120u);
}

TEST(Delta, FullSectionNeedsNoBase) {
  const Rows now = {"a", "b", "c"};
  v1::SectionDelta delta;
  MakeFull(now, delta);
  EXPECT_EQ(delta.base_digest(), "");
  const Result<Rows> applied = ApplyDelta({}, delta);
  ASSERT_TRUE(applied);
  EXPECT_EQ(*applied, now);
}

TEST(Digest, DoesNotDependOnTheOrderOfRows) {
  std::mt19937_64 random(11);
  Rows rows = {"a", "b", "ba", "c", std::string("\xff\x00", 2), ""};
  OrderRows(rows);
  const std::string digest = DigestRows(rows);
  for (int round = 0; round < 50; ++round) {
    std::shuffle(rows.begin(), rows.end(), random);
    rows.push_back(rows.front());  // a row found twice
    OrderRows(rows);
    ASSERT_EQ(DigestRows(rows), digest);
  }
}

TEST(Digest, SeparatesRows) {
  EXPECT_NE(DigestRows({"ab", "c"}), DigestRows({"a", "bc"}));
  EXPECT_NE(DigestRows({}), DigestRows({""}));
  EXPECT_EQ(DigestRows({}).size(), kDigestBytes);
}

struct BadDelta {
  const char* name;
  std::vector<std::uint32_t> removed;
  std::vector<std::string> added;
  const char* message;
};

class BadDeltas : public testing::TestWithParam<BadDelta> {};

TEST_P(BadDeltas, AreRefusedByName) {
  v1::SectionDelta delta;
  delta.set_name("software");
  delta.mutable_removed()->Assign(GetParam().removed.begin(), GetParam().removed.end());
  delta.mutable_added()->Assign(GetParam().added.begin(), GetParam().added.end());
  const Result<Rows> applied = ApplyDelta({"a", "b", "c"}, delta);
  ASSERT_FALSE(applied);
  EXPECT_NE(applied.error().message.find(GetParam().message), std::string::npos) << applied.error().message;
  EXPECT_NE(applied.error().message.find("section 'software'"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(All, BadDeltas,
                         testing::Values(BadDelta{"RemovedTwice", {1, 1}, {}, "not ascending"},
                                         BadDelta{"RemovedBackwards", {2, 1}, {}, "not ascending"},
                                         BadDelta{"RemovedOutsideTheBase", {3}, {}, "outside the base of 3 rows"},
                                         BadDelta{"AddedBackwards", {}, {"y", "x"}, "not ascending or not distinct"},
                                         BadDelta{"AddedAlreadyThere", {}, {"b"}, "in the base already"},
                                         BadDelta{"WrongDigest", {}, {"x"}, "digest"}),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace daicho
