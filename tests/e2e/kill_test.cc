// What was acknowledged is in the ledger, wherever in its work the collector was killed.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>

#include "tests/e2e/fleet_site.h"
#include "tests/e2e/slow_build.h"

namespace daicho::e2e {
namespace {

constexpr int kKills = kSlowBuild ? 10 : 200;
constexpr int kDevices = 100;

class Killed : public FleetSite {
 protected:
  Killed() : FleetSite(kDevices) {}

  // Starts the collector, gives it up to 200 ms from when it is ready, and kills it.
  void StartAndKill() {
    StartCollector();
    const auto end = std::chrono::steady_clock::now() +
                     std::chrono::microseconds(std::uniform_int_distribution<int>(0, 200'000)(random_));
    EXPECT_TRUE(WaitUntil([&] { return std::chrono::steady_clock::now() >= end; }));
    EXPECT_TRUE(collector_.Running()) << "it ended by itself: " << ReadText(Path("collector.log"));
    KillCollector();
  }

  std::mt19937 random_{20'261'124};
};

TEST_F(Killed, TwoHundredTimesDuringIngestAndNothingAcknowledgedIsLost) {
  ExpectGoodRun("first");
  const auto changed = FleetCommand("changed", {"--tries", "1000"});
  KillCollector();
  int rounds = 0;
  for (int kills = 0; kills < kKills && !HasFailure(); ++rounds) {
    Background fleet(changed, {}, Path("fleet.log"));
    for (; fleet.Running() && kills < kKills && !HasFailure(); ++kills) StartAndKill();
    StartCollector();
    ASSERT_EQ(fleet.Wait(std::chrono::seconds(100)), 0) << ReadText(Path("fleet.log"));
    // Everything is as it was acknowledged: nothing is asked for again, and every row is what was sent.
    ExpectGoodRun("unchanged", ReadBack());
    KillCollector();
  }
  // The past and the journal too.
  const Outcome proof = Collector({"verify", "--state", State()});
  EXPECT_EQ(proof.exit_code, 0) << proof.err;
  RecordProperty("rounds", rounds);
}

}  // namespace
}  // namespace daicho::e2e
