// The load generator against the real collector: what it says is exact is, and what goes wrong is said.
#include "tests/e2e/fleet_site.h"

namespace daicho::e2e {
namespace {

constexpr int kDevices = 20;

class Fleet : public FleetSite {
 protected:
  Fleet() : FleetSite(kDevices) {}

  std::vector<std::string> FleetCommand(const std::string& mode, std::vector<std::string> more) const {
    std::vector<std::string> arguments = ReadBack();
    arguments.insert(arguments.end(), {"--seconds", "60"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return FleetSite::FleetCommand(mode, std::move(arguments));
  }

  Json RunFleet(const std::string& mode, std::vector<std::string> more = {}, int exit_code = 0) const {
    const Outcome outcome = Execute(FleetCommand(mode, std::move(more)), {}, std::chrono::seconds(200));
    EXPECT_EQ(outcome.exit_code, exit_code) << mode << ": " << outcome.out << outcome.err;
    const std::vector<Json> lines = outcome.Lines();
    EXPECT_EQ(lines.size(), 1u) << outcome.err;
    return lines.empty() ? Json() : lines[0];
  }

  static void ExpectAllExact(const Json& figures, const std::string& reports) {
    EXPECT_EQ(Text(figures, "acknowledged"), std::to_string(kDevices));
    EXPECT_EQ(Text(figures, "exact"), std::to_string(kDevices));
    EXPECT_EQ(Text(figures, "acknowledged_not_exact"), "0");
    EXPECT_EQ(Text(figures, "not_read"), "0");
    EXPECT_EQ(Text(figures, "reports"), reports);
    EXPECT_TRUE(Object(figures, "errors").fields().empty());
  }
};

TEST_F(Fleet, IsExactFromTheFirstReportToTheStorm) {
  const Json first =
      RunFleet("first", {"--collector-pid", std::to_string(collector_.pid()), "--store", State() + "/ledger.sqlite"});
  ExpectAllExact(first, "20");
  EXPECT_EQ(Text(first, "enrolled"), "20");
  EXPECT_NE(Text(first, "collector_peak_rss_kib"), "0");
  EXPECT_NE(Text(first, "store_bytes_after"), Text(first, "store_bytes_before"));
  ExpectAllExact(RunFleet("unchanged"), "0");
  ExpectAllExact(RunFleet("unchanged", {"--connections", "held", "--rounds", "1"}), "0");
  ExpectAllExact(RunFleet("health"), "0");
  ExpectAllExact(RunFleet("changed"), "20");
  ExpectAllExact(RunFleet("storm", {"--parallel", "20"}), "10");
  ExpectAllExact(RunFleet("unchanged"), "0");
  const std::vector<Json> devices = DaichoJson({"devices"});
  EXPECT_EQ(devices.size(), static_cast<std::size_t>(kDevices));
  EXPECT_EQ(Text(Only(devices, "hostname", "pc-00007"), "software_count"), "200");
}

TEST_F(Fleet, OneHeldConnectionAWorkerVisitsAsThatWorkersDevice) {
  RunFleet("first");
  const Json held = RunFleet("unchanged", {"--held", "--parallel", "2", "--rounds", "3"});
  EXPECT_EQ(Text(held, "acknowledged"), std::to_string(3 * kDevices));
  EXPECT_EQ(Text(held, "exact"), "2");
}

TEST_F(Fleet, ARefusedDeviceIsAnErrorAndNotExact) {
  RunFleet("first");
  ASSERT_EQ(Daicho({"revoke", "pc-00003", "--reason", "disposed", "--yes"}).exit_code, 0);
  const Json changed = RunFleet("changed", {}, 1);
  EXPECT_EQ(Text(changed, "acknowledged"), std::to_string(kDevices - 1));
  EXPECT_EQ(Text(changed, "exact"), std::to_string(kDevices - 1));
  EXPECT_EQ(Text(Object(changed, "errors"), "PERMISSION_DENIED"), "1");
}

// The collector took the devices back by another road: they are exact no more, and it must be noticed.
TEST_F(Fleet, ALedgerThatWentBackIsAskedForRowsAndThatIsNotUnchanged) {
  RunFleet("first");
  const std::string before = Path("before.sqlite");
  ASSERT_EQ(Collector({"backup", "--state", State(), before}).exit_code, 0);
  RunFleet("changed");
  StopCollector();
  const Outcome restored = Collector({"restore", "--state", State(), before, "--force"});
  ASSERT_EQ(restored.exit_code, 0) << restored.err;
  StartCollector();
  const Json unchanged = RunFleet("unchanged", {}, 1);
  EXPECT_EQ(Text(Object(unchanged, "errors"), "FAILED_PRECONDITION"), std::to_string(kDevices));
  EXPECT_EQ(Text(unchanged, "exact"), "0");
  ExpectAllExact(RunFleet("unchanged"), "0");
}

// A fleet that always began anew would have the collector write nothing, and flatter its figures.
TEST_F(Fleet, DevicesGoOnFromTheirLastAnswerAndAnOldStateDoesNot) {
  RunFleet("first");
  const std::string old = ReadText(Path("tokens.fleet"));
  ExpectAllExact(RunFleet("unchanged"), "0");
  ExpectAllExact(RunFleet("unchanged"), "0");
  EXPECT_TRUE(DaichoJson({"query", "SELECT * FROM device_claim"}).empty());
  WriteText(Path("tokens.fleet"), old);
  EXPECT_EQ(Text(RunFleet("unchanged", {"--tries", "1"}, 1), "acknowledged"), "0");
  EXPECT_EQ(DaichoJson({"query", "SELECT * FROM device_claim"}).size(), static_cast<std::size_t>(kDevices));
}

TEST_F(Fleet, AStormWaitsForACollectorThatIsAway) {
  RunFleet("first");
  KillCollector();
  EXPECT_EQ(Execute(FleetCommand("storm", {"--tries", "1"})).exit_code, 3);
  Background storm(FleetCommand("storm", {}), {}, Path("storm.json"));
  StartCollector();
  EXPECT_EQ(storm.Wait(std::chrono::seconds(100)), 0);
  const std::string said = ReadText(Path("storm.json"));
  EXPECT_NE(said.find("\"exact\":20,\"acknowledged_not_exact\":0"), std::string::npos) << said;
}

TEST_F(Fleet, WhatCannotBeginSaysWhy) {
  const Outcome early = Execute(FleetCommand("unchanged", {}));
  EXPECT_EQ(early.exit_code, 4);
  EXPECT_NE(early.err.find("--mode first"), std::string::npos) << early.err;
  const Outcome poor = Execute(FleetCommand("first", {"--devices", "21"}));
  EXPECT_EQ(poor.exit_code, 4);
  EXPECT_NE(poor.err.find("20 tokens for 21 devices"), std::string::npos) << poor.err;
  EXPECT_EQ(Execute(FleetCommand("changed", {"--held"})).exit_code, 2);
  EXPECT_EQ(Execute(FleetCommand("first", {"--devices", "0"})).exit_code, 2);
  const Outcome help = Execute(Command("daicho-fleet", {"--help"}));
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_NE(help.out.find("Example"), std::string::npos);
  EXPECT_NE(help.out.find("Exit codes"), std::string::npos);
}

}  // namespace
}  // namespace daicho::e2e
