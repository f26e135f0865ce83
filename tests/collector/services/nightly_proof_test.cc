// The proof that the collector makes each night.
#include "collector/nightly_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class NightlyProofTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    EnrolDevice(store(), DeviceId(1), "pc-1", kStart);
    FeedSection(store(), DeviceId(1), "accounts", {AccountRow("sato", 1000, kStart)}, kStart);
    committer_.emplace(store());
    journal_.emplace(*committer_, clock_);
  }

  NightlyProof MakeProof() {
    return NightlyProof({.store = store(), .journal = *journal_, .metrics = metrics_, .clock = clock_});
  }
  std::string Metrics() const {
    Exposition out;
    metrics_.WriteTo(out);
    return out.Take();
  }

  FakeClock clock_{kStart + kDay};
  std::atomic<bool> stop_ = false;
  LedgerMetrics metrics_{{}};
  std::optional<GroupCommitter> committer_;
  std::optional<Journal> journal_;
};

TEST_P(NightlyProofTest, IsMadeOnceANightFromTheNextNightOn) {
  NightlyProof proof = MakeProof();
  EXPECT_FALSE(proof.IsDue());
  clock_.Advance(kDay);
  ASSERT_TRUE(proof.IsDue());
  const Status sound = proof.Run(stop_);
  EXPECT_TRUE(sound) << sound.error().message;
  EXPECT_FALSE(proof.IsDue());
  EXPECT_THAT(Metrics(), HasSubstr("daicho_ledger_proof_ok 1"));
  clock_.Advance(kDay);
  EXPECT_TRUE(proof.IsDue());
}

TEST_P(NightlyProofTest, WhatWasLostIsNamedInTheJournalAndCounted) {
  place().Tamper("UPDATE account_row SET human = 0, uid = 7");
  NightlyProof proof = MakeProof();
  const Status damaged = proof.Run(stop_);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Code::kDataLoss);
  EXPECT_THAT(AskOne(store(), "SELECT detail FROM journal WHERE action = 'ledger.damaged'"),
              AllOf(HasSubstr(DeviceId(1)), HasSubstr("accounts")));
  EXPECT_THAT(Metrics(), AllOf(HasSubstr("daicho_ledger_proof_ok 0"),
                               Not(HasSubstr("daicho_ledger_proof_last_success_timestamp_seconds"))));
}

TEST_P(NightlyProofTest, CollectorThatStopsMeanwhileSaysNothing) {
  place().Tamper("UPDATE account_row SET human = 0, uid = 7");
  stop_ = true;
  EXPECT_TRUE(MakeProof().Run(stop_));
  EXPECT_EQ(Metrics(), "");
}

INSTANTIATE_TEST_SUITE_P(Stores, NightlyProofTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
