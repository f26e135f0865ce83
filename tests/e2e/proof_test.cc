// A ledger in which somebody changed rows by hand: both commands that prove it say so, and in the same words.
#include <gmock/gmock.h>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Proof : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    StartCollector();
    for (const char* name : {"pc-1", "pc-2"}) {
      const Machine machine(*this, name);
      machine.SetPackages({{"bash", "5.2"}});
      ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
      machine.CycleReport();
    }
    ASSERT_EQ(Daicho({"revoke", "pc-2", "--reason", "stolen", "--yes"}).exit_code, 0);
  }

  void Tamper(const std::string& sql) {
    const Outcome done = Execute({"sqlite3", "-cmd", ".timeout 10000", State() + "/ledger.sqlite", sql});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }

  // Both commands, with --json: the same of both, but that the second one finds the journal entry of the first.
  Outcome Verdict() {
    const Outcome online = Daicho({"verify", "--json"});
    const Outcome offline = Collector({"verify", "--state", State(), "--json"});
    EXPECT_EQ(online.exit_code, offline.exit_code) << online.err << offline.err;
    EXPECT_EQ(online.Lines().size(), 1U) << online.err;
    const auto before_entries = [](const std::string& line) {
      return line.substr(0, line.find(",\"journal_entries\""));
    };
    EXPECT_EQ(before_entries(online.out), before_entries(offline.out));
    return online;
  }
};

TEST_F(Proof, SoundLedgerIsSaidToBeSoundByBothCommands) {
  const Outcome verdict = Verdict();
  EXPECT_EQ(verdict.exit_code, 0) << verdict.err;
  EXPECT_THAT(verdict.out, StartsWith("{\"sound\":true,\"devices\":2,"));
}

TEST_F(Proof, WhatSomebodyTookOutOfTheTablesIsNamedByBothCommands) {
  struct Case {
    std::string change;
    std::string named;
    std::string undo;
  };
  const std::string bash = " WHERE device = 1 AND section = 'software'";
  for (const Case& one : std::vector<Case>{
           {"CREATE TABLE kept AS SELECT * FROM device_entry; UPDATE device_entry SET revoked_at = NULL", "was revoked",
            "UPDATE device_entry SET revoked_at = (SELECT k.revoked_at FROM kept AS k WHERE k.id = device_entry.id); "
            "DROP TABLE kept"},
           {"CREATE TABLE kept AS SELECT * FROM token_entry; UPDATE token_entry SET used_at = NULL", "used token",
            "UPDATE token_entry SET used_at = (SELECT k.used_at FROM kept AS k WHERE k.id = token_entry.id); "
            "DROP TABLE kept"},
           {"CREATE TABLE kept AS SELECT * FROM section_period" + bash + "; DELETE FROM section_period" + bash,
            "(pc-1), section software: its history is missing",
            "INSERT INTO section_period SELECT * FROM kept; DROP TABLE kept"},
       }) {
    Tamper(one.change);
    const Outcome verdict = Verdict();
    EXPECT_EQ(verdict.exit_code, 5) << one.change;
    EXPECT_THAT(verdict.out, StartsWith("{\"sound\":false,\"problem\":\"store "));
    EXPECT_THAT(verdict.out, HasSubstr(one.named));
    EXPECT_THAT(verdict.err, HasSubstr(one.named));
    EXPECT_THAT(verdict.err, HasSubstr("restore a backup")) << "what to do next";
    EXPECT_THAT(Collector({"verify", "--state", State()}).err,
                HasSubstr("daicho-collector restore --state " + State()));
    Tamper(one.undo);
    EXPECT_EQ(Verdict().exit_code, 0) << one.undo;
  }
}

}  // namespace
}  // namespace daicho::e2e
