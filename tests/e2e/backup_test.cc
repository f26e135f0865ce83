// A server is lost, and its backup goes on elsewhere.
#include <filesystem>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

class BackupAndRestore : public Site {
 protected:
  std::string File() const { return Path("daicho.tar.zst"); }
};

TEST_F(BackupAndRestore, AgentsGoOnWithTheRestoredCollector) {
  StartCollector();
  Machine machine(*this, "ward-3-pc");
  machine.SetPackages({{"bash", "5.2"}});
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  const Outcome backup = Collector({"backup", "--state", State(), File(), "--json"});
  ASSERT_EQ(backup.exit_code, 0) << backup.err;
  EXPECT_EQ(Text(backup.Lines().at(0), "devices"), "1");
  EXPECT_EQ(Collector({"backup", "--state", State(), File()}).exit_code, 4);

  machine.SetPackages({{"bash", "5.2"}, {"vim", "9.0"}});
  machine.CycleReport();
  EXPECT_EQ(Collector({"restore", "--state", State(), File(), "--force"}).exit_code, 4) << "it runs";
  KillCollector();
  std::filesystem::rename(State(), Path("lost"));
  const Outcome restore = Collector({"restore", "--state", State(), File(), "--json"});
  ASSERT_EQ(restore.exit_code, 0) << restore.err;
  EXPECT_EQ(Text(restore.Lines().at(0), "devices"), "1");

  StartCollector();
  EXPECT_EQ(Text(Only(DaichoJson({"devices"}), "hostname", "ward-3-pc"), "status"), "active");
  machine.CycleReport();
  EXPECT_EQ(DaichoJson({"query", "SELECT name FROM installation ORDER BY name"}).size(), 2U);
  EXPECT_TRUE(DaichoJson({"query", "SELECT * FROM device_claim"}).empty());
}

TEST_F(BackupAndRestore, NoRoomForTheFileLeavesNothing) {
  StartCollector();
  std::vector<std::string> command = Command("daicho-collector", {"backup", "--state", State(), File()});
  command.insert(command.begin(), {"prlimit", "--fsize=20000", "--"});
  const Outcome backup = Execute(command);
  EXPECT_NE(backup.exit_code, 0);
  EXPECT_FALSE(backup.err.empty());
  for (const auto& entry : std::filesystem::directory_iterator(Path(""))) {
    EXPECT_FALSE(entry.path().filename().string().starts_with("daicho.tar")) << entry.path();
  }
}

}  // namespace
}  // namespace daicho::e2e
