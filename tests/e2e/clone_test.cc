// Two machines with one state folder: a cloned disk, or a snapshot that runs beside its original.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

class Cloned : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    StartCollector();
  }

  std::vector<Json> CopyFindings() const {
    std::vector<Json> found;
    for (const Json& finding : DaichoJson({"findings"})) {
      if (Text(finding, "rule") == "device-copied") found.push_back(finding);
    }
    return found;
  }
};

TEST_F(Cloned, CopyIsRefusedAndShownAndTheLedgerStaysTheOriginals) {
  const Machine original(*this, "original");
  original.SetPackages({{"openssl", "3.0.11-1"}});
  ASSERT_EQ(original.Enrol(NewToken()).exit_code, 0);
  original.CycleReport();
  const Machine copy(*this, "copy");
  copy.SetPackages({{"openssl", "9.9.9-9"}, {"game", "1.0"}});
  std::filesystem::copy(original.State(), copy.State(), std::filesystem::copy_options::recursive);

  original.CycleReport();
  const Outcome held = copy.Cycle();
  EXPECT_EQ(held.exit_code, 4) << held.out << held.err;
  EXPECT_THAT(CopyFindings(), testing::IsEmpty()) << "which of the two is the device is not known yet";

  StopCollector();
  ShiftClock(3600);
  StartCollector();
  original.CycleReport();
  const Outcome refused = copy.Cycle();
  EXPECT_EQ(refused.exit_code, 4) << refused.out << refused.err;
  EXPECT_NE((refused.out + refused.err).find("copy"), std::string::npos) << refused.out << refused.err;

  EXPECT_EQ(CopyFindings().size(), 1u);
  const std::vector<Json> software = DaichoJson({"software"});
  ASSERT_EQ(software.size(), 1u);
  EXPECT_EQ(Text(software[0], "version"), "3.0.11-1");
}

// The way out that the finding tells.
TEST_F(Cloned, CopyThatIsEnrolledAnewIsADeviceOfItsOwn) {
  const Machine original(*this, "original");
  original.SetPackages({{"openssl", "3.0.11-1"}});
  ASSERT_EQ(original.Enrol(NewToken()).exit_code, 0);
  original.CycleReport();
  const Machine copy(*this, "copy");
  copy.SetPackages({{"openssl", "9.9.9-9"}});
  std::filesystem::copy(original.State(), copy.State(), std::filesystem::copy_options::recursive);
  original.CycleReport();
  EXPECT_EQ(copy.Cycle().exit_code, 4);
  const Outcome enrolled = copy.Enrol(NewToken(), {"--force"});
  ASSERT_EQ(enrolled.exit_code, 0) << enrolled.err;
  copy.CycleReport();
  original.CycleReport();
  EXPECT_EQ(DaichoJson({"devices"}).size(), 2u);
  EXPECT_EQ(DaichoJson({"software"}).size(), 2u);
}

}  // namespace
}  // namespace daicho::e2e
