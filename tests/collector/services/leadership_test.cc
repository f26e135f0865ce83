// Two collectors on one ledger, with clocks of their own.
#include "collector/leadership.h"

#include <gtest/gtest.h>

#include "common/clock.h"
#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

class Collector {
 public:
  Collector(Store& store, const std::string& name, UnixTime now)
      : clock_(now), committer_(store), leadership_(committer_, clock_, name) {}

  // Goes on to the given moment by this collector's clock, and asks for the lease if it is time.
  bool LeadsAt(UnixTime now) {
    clock_.Set(now);
    leadership_.Renew();
    // Writes are told in their order: when this one is, the lease's answer was there.
    (void)committer_.Submit(ExportRunWrite{});
    return leadership_.leads();
  }
  // The same without asking.
  bool StillLeadsAt(UnixTime now) {
    clock_.Set(now);
    return leadership_.leads();
  }
  void Resign() { leadership_.Resign(); }

 private:
  FakeClock clock_;
  GroupCommitter committer_;
  Leadership leadership_;
};

class LeadershipTest : public StoreTest {};

TEST_P(LeadershipTest, OneOfTwoLeadsAndStaysSo) {
  Collector first(store(), "first", kStart);
  Collector second(store(), "second", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  for (UnixTime now = kStart + 5; now < kStart + 600; now += 5) {
    EXPECT_FALSE(second.LeadsAt(now)) << now - kStart;
    EXPECT_TRUE(first.LeadsAt(now)) << now - kStart;
  }
}

TEST_P(LeadershipTest, DeadLeaderIsFollowedAfterTheLeaseAndNeverLeadsBesideTheNext) {
  Collector first(store(), "first", kStart);
  Collector second(store(), "second", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  for (UnixTime now = kStart + 1; now < kStart + 2 * kLeaseSeconds + kRenewLeaseSeconds; ++now) {
    EXPECT_FALSE(second.LeadsAt(now) && first.StillLeadsAt(now)) << now - kStart;
  }
  EXPECT_TRUE(second.StillLeadsAt(kStart + 2 * kLeaseSeconds + kRenewLeaseSeconds));
  EXPECT_FALSE(first.LeadsAt(kStart + 3 * kLeaseSeconds)) << "who comes back does not take the lease from the next";
}

TEST_P(LeadershipTest, ClockThatIsHoursAheadTakesNothing) {
  Collector first(store(), "first", kStart);
  Collector ahead(store(), "ahead", kStart + 7200);
  EXPECT_TRUE(first.LeadsAt(kStart));
  for (UnixTime now = kStart + 5; now < kStart + 300; now += 5) {
    EXPECT_FALSE(ahead.LeadsAt(now + 7200));
    EXPECT_TRUE(first.LeadsAt(now));
  }
}

TEST_P(LeadershipTest, ClockSetBackEndsTheLeadUntilTheNextRenewal) {
  Collector first(store(), "first", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  EXPECT_FALSE(first.StillLeadsAt(kStart - 3600));
  EXPECT_TRUE(first.LeadsAt(kStart - 3600));
}

TEST_P(LeadershipTest, ResignedLeaseIsTakenAtTheNextTry) {
  Collector first(store(), "first", kStart);
  Collector second(store(), "second", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  EXPECT_FALSE(second.LeadsAt(kStart));
  first.Resign();
  EXPECT_FALSE(first.StillLeadsAt(kStart + 1));
  EXPECT_TRUE(second.LeadsAt(kStart + kRenewLeaseSeconds));
}

INSTANTIATE_TEST_SUITE_P(Stores, LeadershipTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
