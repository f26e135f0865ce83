// What was acknowledged is in the ledger, wherever in its work the collector was killed.
#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>

#include "tests/e2e/fleet_site.h"

namespace daicho::e2e {
namespace {

#if defined(__SANITIZE_ADDRESS__)
#define DAICHO_SLOW 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define DAICHO_SLOW 1
#endif
#endif
#ifdef DAICHO_SLOW
constexpr int kKills = 10;  // each start takes ten times as long
#else
constexpr int kKills = 200;
#endif
constexpr int kDevices = 100;

class Killed : public FleetSite {
 protected:
  Killed() : FleetSite(kDevices) {}

  void RunFleet(const std::string& mode, std::vector<std::string> more = {}) const {
    const Outcome outcome = Execute(FleetCommand(mode, std::move(more)), {}, std::chrono::seconds(120));
    ASSERT_EQ(outcome.exit_code, 0) << mode << ": " << outcome.out << outcome.err;
  }

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
  RunFleet("first");
  const auto changed = FleetCommand("changed", {"--tries", "1000"});
  KillCollector();
  int rounds = 0;
  for (int kills = 0; kills < kKills && !HasFailure(); ++rounds) {
    Background fleet(changed, {}, Path("fleet.log"));
    for (; fleet.Running() && kills < kKills && !HasFailure(); ++kills) StartAndKill();
    StartCollector();
    ASSERT_EQ(fleet.Wait(std::chrono::seconds(100)), 0) << ReadText(Path("fleet.log"));
    // Everything is as it was acknowledged: nothing is asked for again, and every row is what was sent.
    RunFleet("unchanged", ReadBack());
    KillCollector();
  }
  RecordProperty("rounds", rounds);
}

}  // namespace
}  // namespace daicho::e2e
