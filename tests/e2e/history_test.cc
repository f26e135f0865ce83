// What was the case, and whether the ledger still says so.
#include <gmock/gmock.h>

#include <csignal>

#include "common/time_format.h"
#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

using testing::HasSubstr;

class History : public Site {
 protected:
  void Report(const std::vector<std::pair<std::string, std::string>>& packages) {
    machine_.SetPackages(packages);
    machine_.CycleReport();
  }
  void Begin() {
    StartCollector();
    machine_.AddAccount("tanaka", 1000, "$6$salt$abcdefgh");
    ASSERT_EQ(machine_.Enrol(NewToken()).exit_code, 0);
    Report({{"openssl", "3.0.11"}, {"zlib1g", "1.2.13"}});
  }

  static std::string Time(long at) { return FormatTime(at); }

  Machine machine_{*this, "ward3-pc01"};
};

TEST_F(History, ASoundLedgerIsProvedBesideItsCollectorAndWithoutIt) {
  Begin();
  const Outcome beside = Collector({"verify", "--state", State(), "--json"});
  EXPECT_EQ(beside.exit_code, 0) << beside.err;
  ASSERT_EQ(beside.Lines().size(), 1U);
  EXPECT_EQ(Text(beside.Lines()[0], "devices"), "1");
  StopCollector();
  const Outcome alone = Collector({"verify", "--state", State()});
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_THAT(alone.out, HasSubstr("The ledger is sound: 1 devices"));
  EXPECT_EQ(Collector({"verify", "--state", Path("nothing-here")}).exit_code, 2);
}

TEST_F(History, ALetterThatChangedOnTheDiskIsFoundAndItsPlaceNamed) {
  Begin();
  StopCollector();
  const std::string file = State() + "/ledger.sqlite";
  std::string bytes = ReadText(file);
  std::size_t places = 0;
  for (auto at = bytes.find("zlib1g"); at != std::string::npos; at = bytes.find("zlib1g", at + 1), ++places) {
    bytes[at] = 'y';
  }
  ASSERT_GT(places, 0U);
  WriteText(file, bytes);
  const Outcome broken = Collector({"verify", "--state", State()});
  EXPECT_EQ(broken.exit_code, 5) << broken.out;
  EXPECT_THAT(broken.err, HasSubstr("ledger.sqlite: "));
  EXPECT_THAT(broken.err, HasSubstr("item "));
  const Outcome json = Collector({"verify", "--state", State(), "--json"});
  EXPECT_EQ(json.exit_code, 5);
  EXPECT_THAT(json.out, HasSubstr("{\"sound\":false,\"problem\":\""));
}

TEST_F(History, ADeviceIsShownAsItWasAndWhatChangedSinceIsListed) {
  Begin();
  const long before = ::time(nullptr);
  ShiftClock(3600);
  StopCollector();
  StartCollector();
  Report({{"openssl", "3.0.13"}, {"zlib1g", "1.2.13"}, {"curl", "7.88.1"}});
  const Json then = DaichoJson({"show", "ward3-pc01", "--at", Time(before)})[0];
  EXPECT_EQ(Text(Object(then, "device"), "software_count"), "2");
  EXPECT_EQ(Text(Object(DaichoJson({"show", "ward3-pc01"})[0], "device"), "software_count"), "3");
  const std::vector<Json> changes = DaichoJson({"diff", "--since", Time(before), "--device", "ward3-pc01"});
  const Json openssl = Only(changes, "subject", "openssl (amd64)");
  EXPECT_EQ(Text(openssl, "kind"), "changed");
  EXPECT_EQ(Text(Objects(openssl, "fields").at(0), "after"), "3.0.13");
  EXPECT_EQ(Text(Only(changes, "subject", "curl (amd64)"), "kind"), "added");
  EXPECT_EQ(Daicho({"verify"}).exit_code, 0);
  const Outcome too_early = Daicho({"show", "ward3-pc01", "--at", Time(before - 86'400)});
  EXPECT_EQ(too_early.exit_code, 1) << too_early.err;
}

}  // namespace
}  // namespace daicho::e2e
