#include "common/partial_rows.h"

#include <gtest/gtest.h>

#include "daicho/v1/facts.pb.h"

namespace daicho {
namespace {

v1::Software Package(const std::string& name, const std::string& version) {
  v1::Software row;
  row.set_manager("dpkg");
  row.set_name(name);
  row.set_version(version);
  return row;
}

Rows Ordered(Rows rows) {
  OrderRows(rows);
  return rows;
}

class PartialRows : public testing::Test {
 protected:
  const SectionType& software_ = *FindSection("software");
};

TEST_F(PartialRows, WhatWasNotSeenStaysAndWhatWasSeenIsLaidOverIt) {
  v1::Software known = Package("bash", "5.2");
  known.mutable_installed_at()->set_seconds(1000);
  v1::Software expected = Package("bash", "5.3");
  expected.mutable_installed_at()->set_seconds(1000);
  const Rows held = Ordered({RowBytes(known), RowBytes(Package("curl", "8"))});
  const Rows seen = Ordered({RowBytes(Package("bash", "5.3")), RowBytes(Package("vim", "9"))});
  EXPECT_EQ(MergePartial(software_, held, seen),
            Ordered({RowBytes(expected), RowBytes(Package("curl", "8")), RowBytes(Package("vim", "9"))}));
}

// A bug found: rows of a newer agent, kept by an older one, came back with unknown fields below 16 behind field 16; the
// store refuses such a row.
TEST_F(PartialRows, FieldsOfANewerAgentNeverMakeARowThatCannotBeSplit) {
  constexpr char kUnknownField15[] = "\x7a\x01x";
  constexpr char kInstalledAt[] = "\x82\x01\x03\x08\xe8\x07";
  const std::string newer = RowBytes(Package("bash", "5.2")) + kUnknownField15 + kInstalledAt;
  const std::string untouched = RowBytes(Package("curl", "8")) + kUnknownField15 + kInstalledAt;
  ASSERT_TRUE(SplitRowBytes(newer));
  ASSERT_FALSE(SplitRowBytes(RowBytes(**ParseRow(software_, newer)))) << "this build writes unknown fields last";
  const std::string seen = RowBytes(Package("bash", "5.3"));
  const Rows merged = MergePartial(software_, Ordered({newer, untouched}), {seen});
  EXPECT_EQ(merged, Ordered({seen, untouched}));
  for (const std::string& row : merged) EXPECT_TRUE(SplitRowBytes(row));
}

TEST_F(PartialRows, RowThatDoesNotParseIsNotLost) {
  const std::string row = RowBytes(Package("bash", "5.2"));
  EXPECT_EQ(MergePartial(software_, {"\xff"}, {row}), Ordered({row, "\xff"}));
}

}  // namespace
}  // namespace daicho
