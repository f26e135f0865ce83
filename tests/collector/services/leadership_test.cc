// Two collectors on one ledger, with clocks of their own.
#include "collector/leadership.h"

#include <gtest/gtest.h>

#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using std::chrono::seconds;

constexpr seconds kStart(1000);

class Collector {
 public:
  Collector(Store& store, const std::string& name, seconds now)
      : clock_(now), committer_(store), leadership_(committer_, clock_, name) {}

  // Goes on to the given moment by this collector's clock, and asks for the lease if it is time.
  bool LeadsAt(std::chrono::nanoseconds now) {
    clock_.Set(now);
    leadership_.Renew();
    // Writes are told in their order: when this one is, the lease's answer was there.
    (void)committer_.Submit(ExportRunWrite{});
    return leadership_.leads();
  }
  // The same without asking.
  bool StillLeadsAt(std::chrono::nanoseconds now) {
    clock_.Set(now);
    return leadership_.leads();
  }
  void Resign() { leadership_.Resign(); }

 private:
  FakeSteadyClock clock_;
  GroupCommitter committer_;
  Leadership leadership_;
};

class LeadershipTest : public StoreTest {};

TEST_P(LeadershipTest, OneOfTwoLeadsAndStaysSo) {
  Collector first(store(), "first", kStart);
  Collector second(store(), "second", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  for (seconds passed(5); passed < seconds(600); passed += seconds(5)) {
    EXPECT_FALSE(second.LeadsAt(kStart + passed)) << passed.count();
    EXPECT_TRUE(first.LeadsAt(kStart + passed)) << passed.count();
  }
}

TEST_P(LeadershipTest, DeadLeaderIsFollowedAfterTheLeaseAndNeverLeadsBesideTheNext) {
  Collector first(store(), "first", kStart);
  Collector second(store(), "second", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  const seconds end = kTakeAfter + 2 * kRenewLease;
  for (seconds passed(1); passed < end; ++passed) {
    EXPECT_FALSE(second.LeadsAt(kStart + passed) && first.StillLeadsAt(kStart + passed)) << passed.count();
  }
  EXPECT_TRUE(second.StillLeadsAt(kStart + end));
  EXPECT_FALSE(first.LeadsAt(kStart + end)) << "who comes back does not take the lease from the next";
}

TEST_P(LeadershipTest, ClockThatRunsAThirdFasterDoesNotLeadBesideOneThatDied) {
  Collector first(store(), "first", kStart);
  Collector fast(store(), "fast", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  bool fast_leads = false;
  for (seconds passed(0); passed < 2 * kTakeAfter; ++passed) {
    fast_leads = fast.LeadsAt(kStart + passed * 4 / 3);
    EXPECT_FALSE(fast_leads && first.StillLeadsAt(kStart + passed)) << passed.count();
  }
  EXPECT_TRUE(fast_leads);
}

TEST_P(LeadershipTest, ResignedLeaseIsTakenAtTheNextTry) {
  Collector first(store(), "first", kStart);
  Collector second(store(), "second", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  EXPECT_FALSE(second.LeadsAt(kStart));
  first.Resign();
  EXPECT_FALSE(first.StillLeadsAt(kStart + seconds(1)));
  EXPECT_TRUE(second.LeadsAt(kStart + kRenewLease));
}

// Turns that began anew with a lease that was given back would be taken for those of before.
TEST_P(LeadershipTest, NewLeaderIsNotTakenForTheOneThatResigned) {
  Collector first(store(), "first", kStart);
  Collector second(store(), "second", kStart);
  Collector third(store(), "third", kStart);
  EXPECT_TRUE(first.LeadsAt(kStart));
  EXPECT_FALSE(third.LeadsAt(kStart));
  first.Resign();
  const seconds later = kStart + kTakeAfter;
  EXPECT_TRUE(second.LeadsAt(later));
  EXPECT_FALSE(third.LeadsAt(later));
  EXPECT_FALSE(third.LeadsAt(later + kRenewLease));
  EXPECT_TRUE(second.LeadsAt(later + kRenewLease));
}

INSTANTIATE_TEST_SUITE_P(Stores, LeadershipTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
