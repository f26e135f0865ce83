#include "collector/store/delta_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/delta.h"
#include "common/protocol.h"

namespace daicho::collector {
namespace {

using ::testing::HasSubstr;

v1::SectionDelta GoodDelta() {
  v1::SectionDelta delta;
  delta.set_name("software");
  delta.set_status(v1::OK);
  delta.set_result_digest(std::string(kDigestBytes, 'd'));
  delta.add_added("row");
  return delta;
}

TEST(FindFormFault, GoodOneHasNone) { EXPECT_EQ(FindFormFault(GoodDelta()), ""); }

TEST(FindFormFault, OverALimitNamesTheRow) {
  v1::SectionDelta delta = GoodDelta();
  delta.add_added(std::string(kMaxRowBytes + 1, 'x'));
  EXPECT_THAT(FindFormFault(delta), HasSubstr("added[1]"));

  v1::SectionDelta many = GoodDelta();
  for (std::size_t i = 0; i <= kMaxSectionRows; ++i) many.add_added("");
  EXPECT_NE(FindFormFault(many), "");
}

TEST(FindFormFault, StatusAndDigestsAreChecked) {
  v1::SectionDelta failed = GoodDelta();
  failed.set_status(v1::FAILED);
  EXPECT_NE(FindFormFault(failed), "");
  v1::SectionDelta digest = GoodDelta();
  digest.set_result_digest("short");
  EXPECT_NE(FindFormFault(digest), "");
  v1::SectionDelta base = GoodDelta();
  base.set_base_digest("short");
  EXPECT_NE(FindFormFault(base), "");
}

}  // namespace
}  // namespace daicho::collector
