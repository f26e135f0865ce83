// When the ledger forgets, and when it rather does not.
#include "collector/retention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/time_format.h"
#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::HasSubstr;

constexpr int kKeepDays = 30;
constexpr UnixTime kNow = kStart + 100 * kDay;

class NightTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    EnrolDevice(store(), DeviceId(1), "pc", kStart);
    for (const int port : {21, 22, 23}) {
      FeedSection(store(), DeviceId(1), "listeners", {ListenerRow(static_cast<std::uint32_t>(port), "daemon")},
                  kStart + (port - 21) * 45 * kDay);
    }
    CheckIn(1, kNow, 0);
    committer_.emplace(store());
    journal_.emplace(*committer_, clock_);
  }

  void CheckIn(int number, UnixTime at, std::int64_t skew) {
    auto check_in = NewCheckIn(DeviceId(number), at);
    *check_in.request->mutable_agent_time() = ToTimestamp(at + skew);
    ASSERT_TRUE(CommitOne(store(), check_in.write).result);
  }

  Retention MakeRetention(int keep_days = kKeepDays) {
    return Retention({.store = store(), .committer = *committer_, .journal = *journal_, .clock = clock_}, keep_days);
  }

  std::string PortsKnown() { return AskOne(store(), "SELECT count(*) FROM listener_history"); }

  FakeClock clock_{kNow};
  const std::atomic<bool> on_ = false;
  std::optional<GroupCommitter> committer_;
  std::optional<Journal> journal_;
};

TEST_P(NightTest, ForgetsOnceANightAndSaysSoInTheJournal) {
  Retention retention = MakeRetention();
  ASSERT_TRUE(retention.IsDue());
  const Status done = retention.Run(on_);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(PortsKnown(), "2") << "what began 45 days after the start ended 10 days ago";
  EXPECT_FALSE(retention.IsDue());
  EXPECT_THAT(AskOne(store(), "SELECT detail FROM journal WHERE action = 'history.forget'"), HasSubstr("3 rows"));
  clock_.Advance(kDay);
  EXPECT_TRUE(retention.IsDue());
}

TEST_P(NightTest, CollectorThatStartsAgainDoesNotForgetTwice) {
  ASSERT_TRUE(MakeRetention().Run(on_));
  Retention again = MakeRetention();
  ASSERT_TRUE(again.IsDue()) << "it does not know yet";
  ASSERT_TRUE(again.Run(on_));
  EXPECT_FALSE(again.IsDue());
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM journal WHERE action = 'history.forget'"), "1");
}

TEST_P(NightTest, NewLedgerIsNoClockThatRanAhead) {
  const auto place = GetParam().make();
  const auto store = place->Open();
  GroupCommitter committer(*store);
  Journal journal(committer, clock_);
  Retention retention({.store = *store, .committer = committer, .journal = journal, .clock = clock_}, kKeepDays);
  const Status done = retention.Run(on_);
  EXPECT_TRUE(done) << done.error().message;
}

TEST_P(NightTest, ForEverIsForEver) { EXPECT_FALSE(MakeRetention(0).IsDue()); }

TEST_P(NightTest, ClockThatRanAheadCostsNoHistoryWhileNobodyIsHeard) {
  clock_.Advance(3650 * kDay);
  Retention retention = MakeRetention();
  const Status done = retention.Run(on_);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("no device was heard of"));
  EXPECT_EQ(PortsKnown(), "3");
  EXPECT_EQ(AskOne(store(), "SELECT kept_since FROM history"), "-");
  EXPECT_FALSE(retention.IsDue()) << "not again this night";
}

TEST_P(NightTest, ClockThatRanAheadCostsNoHistoryWhenTheDevicesHaveAnotherDay) {
  clock_.Advance(3650 * kDay);
  CheckIn(1, clock_.Now(), -3650 * kDay);
  Retention retention = MakeRetention();
  const Status done = retention.Run(on_);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("clocks of 1 of 1 devices"));
  EXPECT_EQ(PortsKnown(), "3");
}

TEST_P(NightTest, OneDeviceWithAWrongClockDoesNotKeepTheOthersHistory) {
  EnrolDevice(store(), DeviceId(2), "old", kStart);
  CheckIn(2, kNow, -4000 * kDay);
  const Status done = MakeRetention().Run(on_);
  EXPECT_TRUE(done) << done.error().message;
  EXPECT_EQ(PortsKnown(), "2");
}

TEST_P(NightTest, CollectorThatStopsDoesNotWaitForIt) {
  const std::atomic<bool> stop = true;
  EXPECT_TRUE(MakeRetention().Run(stop));
  EXPECT_EQ(PortsKnown(), "3");
}

INSTANTIATE_TEST_SUITE_P(Stores, NightTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
