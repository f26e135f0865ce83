// The collector's clock is set back while devices report, and later right again.
#include <gmock/gmock.h>

#include <ctime>
#include <filesystem>

#include "common/time_format.h"
#include "tests/e2e/fleet_site.h"

namespace daicho::e2e {
namespace {

class ClockSetBack : public FleetSite {
 protected:
  ClockSetBack() : FleetSite(50) {}
  void SetUp() override {
    SetClock(0);
    GiveCollector({"LD_PRELOAD=/usr/$LIB/faketime/libfaketimeMT.so.1", "FAKETIME_TIMESTAMP_FILE=" + Path("clock"),
                   "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"});
    FleetSite::SetUp();
    ExpectGoodRun("first");
  }

  // Of the collector that runs, this many seconds from what is right. (In one step: libfaketime reads the file always.)
  void SetClock(long seconds) const {
    WriteText(Path("clock.new"), (seconds < 0 ? "" : "+") + std::to_string(seconds) + "s\n");
    std::filesystem::rename(Path("clock.new"), Path("clock"));
  }

  // A moment with a second of its own, in which nothing happens.
  static std::time_t QuietMoment() {
    const std::time_t begun = std::time(nullptr);
    EXPECT_TRUE(WaitUntil([&] { return std::time(nullptr) >= begun + 2; }));
    return begun + 1;
  }

  std::string SoftwareCount(std::vector<std::string> at = {}) const {
    at.insert(at.begin(), {"show", "ward"});
    return Text(Object(DaichoJson(at).at(0), "device"), "software_count");
  }
  std::string SoftwareCountAt(std::time_t at) const { return SoftwareCount({"--at", FormatTime(at)}); }

  void Report(int packages) const {
    std::vector<std::pair<std::string, std::string>> installed;
    for (int i = 0; i < packages; ++i) installed.emplace_back("package" + std::to_string(i), "1.0");
    ward_.SetPackages(installed);
    ward_.CycleReport();
  }

  const Machine ward_{*this, "ward"};
};

TEST_F(ClockSetBack, ByThreeHoursDuringIngestLosesNothingAndLeavesAPastThatIsRight) {
  ASSERT_EQ(ward_.Enrol(NewToken()).exit_code, 0);
  Report(3);
  const std::time_t before = QuietMoment();
  DuringIngest(1, 200, [&] { SetClock(-3 * 3600); });
  Report(4);
  EXPECT_EQ(SoftwareCount(), "4");
  EXPECT_EQ(Daicho({"verify"}).exit_code, 0);

  SetClock(0);
  Report(5);
  const std::time_t after = QuietMoment();
  Report(6);
  EXPECT_EQ(SoftwareCountAt(before), "4") << "what was learned meanwhile holds since the last change before";
  EXPECT_EQ(SoftwareCountAt(after), "5");
  EXPECT_EQ(SoftwareCount(), "6");
  DuringIngest(1, 0, [] {});
  EXPECT_EQ(Daicho({"verify"}).exit_code, 0);
  StopCollector();
  const Outcome proof = Collector({"verify", "--state", State()});
  EXPECT_EQ(proof.exit_code, 0) << proof.err;
}

}  // namespace
}  // namespace daicho::e2e
