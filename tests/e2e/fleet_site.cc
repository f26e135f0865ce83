#include "tests/e2e/fleet_site.h"

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
  std::vector<std::string> arguments = {"--collector", endpoint_,      "--ca",       State() + "/ca.pem",
                                        "--tokens",    Path("tokens"), "--devices",  std::to_string(devices_),
                                        "--packages",  "200",          "--parallel", "8",
                                        "--mode",      mode,           "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return Command("daicho-fleet", std::move(arguments));
}

void FleetSite::ExpectGoodRun(const std::string& mode, std::vector<std::string> more) const {
  const Outcome outcome = Execute(FleetCommand(mode, std::move(more)), {}, std::chrono::seconds(120));
  ASSERT_EQ(outcome.exit_code, 0) << mode << ": " << outcome.out << outcome.err;
}

}  // namespace daicho::e2e
