#include "common/delta.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
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
    const Result<RowViews> applied = ApplyDelta(ViewRows(base), delta);
    ASSERT_TRUE(applied) << applied.error().message;
    ASSERT_EQ(CopyRows(*applied), now);
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
  const Result<RowViews> applied = ApplyDelta({}, delta);
  ASSERT_TRUE(applied);
  EXPECT_EQ(CopyRows(*applied), now);
}

TEST(Delta, MayBringBackTheRowThatItTakesAway) {
  const Rows rows = {"a", "b", "c"};
  v1::SectionDelta delta;
  delta.add_removed(1);
  delta.add_added("b");
  delta.set_result_digest(DigestRows(rows));
  const Result<RowViews> applied = ApplyDelta(ViewRows(rows), delta);
  ASSERT_TRUE(applied) << applied.error().message;
  EXPECT_EQ(CopyRows(*applied), rows);
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
  EXPECT_NE(DigestRows(Rows{"ab", "c"}), DigestRows(Rows{"a", "bc"}));
  EXPECT_NE(DigestRows(Rows()), DigestRows(Rows{""}));
  EXPECT_EQ(DigestRows(Rows()).size(), kDigestBytes);
}

// Examples of FIPS 180-4.
TEST(Digest, IsSha256) {
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

// An openssl.cnf that names providers, but not the default one, made every digest 32 zeros: of every set of rows, and
// of every token. The file is read at the first use of OpenSSL, so this holds only where each test has its own process.
TEST(Digest, DoesNotDependOnTheSystemsOpensslConfiguration) {
  const std::string file = testing::TempDir() + "/openssl-" + std::to_string(::getpid()) + ".cnf";
  std::ofstream(file) << "openssl_conf = init\n[init]\nproviders = some\n[some]\nlegacy = one\n[one]\nactivate = 1\n";
  ASSERT_EQ(::setenv("OPENSSL_CONF", file.c_str(), 1), 0);
  EXPECT_TRUE(Hex(Sha256("abc")).starts_with("ba7816bf"));
  ::unsetenv("OPENSSL_CONF");
  std::filesystem::remove(file);
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
  const Result<RowViews> applied = ApplyDelta({"a", "b", "c"}, delta);
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
