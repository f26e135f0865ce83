#include "tests/e2e/fleet_site.h"

#include <chrono>

namespace daicho::e2e {

void FleetSite::SetUp() {
  Site::SetUp();
  StartFleetSite();
}

void FleetSite::StartFleetSite() {
  StartCollector();
  const Outcome made = Daicho({"token", "create", "--count", std::to_string(devices_)});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  WriteText(Path("tokens"), made.out);
  endpoint_ = AgentEndpoint();
}

std::vector<std::string> FleetSite::FleetCommand(const std::string& mode, std::vector<std::string> more) const {
  std::vector<std::string> arguments = {"--collector", endpoint_,
                                        "--ca",        State() + "/ca.pem",
                                        "--tokens",    Path("tokens"),
                                        "--devices",   std::to_string(devices_),
                                        "--packages",  std::to_string(packages_),
                                        "--parallel",  "8",
                                        "--mode",      mode,
                                        "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return Command("daicho-fleet", std::move(arguments));
}

void FleetSite::ExpectGoodRun(const std::string& mode, std::vector<std::string> more) const {
  const Outcome outcome = Execute(FleetCommand(mode, std::move(more)), {}, std::chrono::seconds(120));
  ASSERT_EQ(outcome.exit_code, 0) << mode << ": " << outcome.out << outcome.err;
}

void FleetSite::LetPass(int most_milliseconds) {
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::milliseconds(std::uniform_int_distribution<int>(0, most_milliseconds)(random_));
  EXPECT_TRUE(WaitUntil([&] { return std::chrono::steady_clock::now() >= end; }));
}

void FleetSite::DuringIngest(int times, int pause_milliseconds, const std::function<void()>& fault) {
  for (int done = 0; done < times && !HasFailure();) {
    Background fleet(FleetCommand("changed", {"--tries", "1000", "--longest-wait", "100"}), {}, Path("fleet.log"));
    while (fleet.Running() && done < times && !HasFailure()) {
      LetPass(pause_milliseconds);
      if (!fleet.Running()) break;
      fault();
      ++done;
    }
    ASSERT_EQ(fleet.Wait(std::chrono::seconds(100)), 0) << ReadText(Path("fleet.log"));
    EXPECT_TRUE(CollectorRuns()) << "it ended by itself";
    // Nothing is asked for again, and every row is what was sent.
    ExpectGoodRun("unchanged", ReadBack());
  }
}

}  // namespace daicho::e2e
