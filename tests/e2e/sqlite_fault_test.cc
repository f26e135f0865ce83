// What was acknowledged is in the ledger, whatever happens to the disk under the SQLite file or to the file's lock
// meanwhile; what is there can be read, and the collector goes on by itself.
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "tests/e2e/fleet_site.h"
#include "tests/e2e/slow_build.h"
#include "tests/e2e/small_disk.h"

namespace daicho::e2e {
namespace {

using testing::HasSubstr;

constexpr int kDevices = kSlowBuild ? 20 : 100;
constexpr int kRounds = kSlowBuild ? 1 : 3;

class SqliteFault : public FleetSite {
 protected:
  SqliteFault() : FleetSite(kDevices) {}

  std::string Ledger() const { return State() + "/ledger.sqlite"; }

  // The store takes no writes now; whoever asks is told, and sees the ledger all the same.
  void ExpectReadsOnly(const std::string& why) {
    // This writes too: the fleet can have ended before the fault took hold.
    const Outcome act = Daicho({"token", "create"});
    EXPECT_NE(act.exit_code, 0) << "what cannot be journaled is not done";
    EXPECT_THAT(act.err, HasSubstr(why));
    EXPECT_TRUE(WaitUntil([&] { return Daicho({"health"}).exit_code == 1; })) << "it serves";
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(DaichoJson({"devices"}).size(), static_cast<std::size_t>(kDevices));
    EXPECT_FALSE(DaichoJson({"accounts"}).empty());
    ++looks_;
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(4)) << "readers wait as writers do";
    EXPECT_THAT(ReadText(Path("collector.log")), HasSubstr("the store takes no writes: store " + Ledger() + ": "));
    EXPECT_THAT(ReadText(Path("collector.log")), HasSubstr(why));
  }

  void ExpectSound() {
    EXPECT_TRUE(WaitUntil([&] { return Daicho({"health"}).exit_code == 0; })) << "it does not serve";
    const Outcome proof = Daicho({"verify"});
    EXPECT_EQ(proof.exit_code, 0) << proof.out << proof.err;
    // Who looked while nothing could be written stands in the journal too.
    const std::string looks = "SELECT count(*) AS looks FROM journal WHERE action = 'accounts.list'";
    EXPECT_TRUE(WaitUntil([&] { return Text(DaichoJson({"query", looks}).at(0), "looks") == std::to_string(looks_); }));
  }

 private:
  int looks_ = 0;
};

class OnSmallDisk : public SqliteFault {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(State());
    disk_.emplace(State(), 64);
    if (!disk_->problem().empty()) GTEST_SKIP() << disk_->problem();
    FleetSite::SetUp();
    ExpectGoodRun("first");
  }
  std::optional<SmallDisk> disk_;
};

TEST_F(OnSmallDisk, DiskFullDuringIngestAndBackLosesNothing) {
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    // A log that begins anew has no room of its own.
    StopCollector();
    StartCollector();
    DuringIngest(1, 200, [&] {
      disk_->Fill();
      ExpectReadsOnly("full");
      disk_->Empty();
    });
    EXPECT_THAT(ReadText(Path("fleet.log")), HasSubstr("RESOURCE_EXHAUSTED"));
    ExpectSound();
  }
}

TEST_F(OnSmallDisk, ReadOnlyDiskAtTheStartIsNamedAndItsLedgerIsProvedAsItLies) {
  StopCollector();
  disk_->SetReadOnly(true);
  const Outcome run = Collector({"run", "--state", State()});
  EXPECT_NE(run.exit_code, 0);
  EXPECT_THAT(run.err, HasSubstr(State()));
  EXPECT_THAT(run.err, HasSubstr("Read-only file system"));
  const Outcome proof = Collector({"verify", "--state", State()});
  EXPECT_EQ(proof.exit_code, 0) << proof.err;
  disk_->SetReadOnly(false);
  StartCollector();
  ExpectGoodRun("unchanged", ReadBack());
}

TEST_F(SqliteFault, DiskThatTurnsReadOnlyDuringIngestAndBackLosesNothing) {
  const std::string read_only = Path("read-only");
  GiveCollector({"LD_PRELOAD=" DAICHO_READ_ONLY_FILES, "DAICHO_READ_ONLY_WHILE=" + read_only});
  StopCollector();
  StartCollector();
  ExpectGoodRun("first");
  DuringIngest(kRounds, 200, [&] {
    WriteText(read_only, "");
    ExpectReadsOnly("Read-only file system");
    std::filesystem::remove(read_only);
  });
  EXPECT_THAT(ReadText(Path("fleet.log")), HasSubstr("UNAVAILABLE"));
  ExpectSound();
}

TEST_F(SqliteFault, LockOfAnotherProcessHoldsUpReportsAndNoReader) {
  ExpectGoodRun("first");
  // Whoever waits for the lock gets it at a time of SQLite's choosing: after the fleet has ended it proves nothing.
  const auto fleet_was_held_up = [&] { return ReadText(Path("fleet.log")).find("UNAVAILABLE") != std::string::npos; };
  const auto lock = [&] {
    const std::string held = Path("held");
    const std::string release = Path("release");
    Background other({"sqlite3", "-bail", "-cmd", ".timeout 20000", Ledger(), "BEGIN EXCLUSIVE",
                      ".shell touch '" + held + "'; while [ ! -e '" + release + "' ]; do sleep 0.05; done", "COMMIT"},
                     {}, Path("sqlite3.log"));
    EXPECT_TRUE(WaitUntil([&] { return std::filesystem::exists(held); })) << ReadText(Path("sqlite3.log"));
    ExpectReadsOnly("locked by another process");
    WriteText(release, "");
    EXPECT_EQ(other.Wait(), 0) << ReadText(Path("sqlite3.log"));
    std::filesystem::remove(held);
    std::filesystem::remove(release);
  };
  for (int round = 0; round < 5 && !fleet_was_held_up() && !HasFailure(); ++round) DuringIngest(1, 200, lock);
  EXPECT_TRUE(fleet_was_held_up());
  ExpectSound();
}

}  // namespace
}  // namespace daicho::e2e
