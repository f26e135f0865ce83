// Findings with a life, driven by facts and by the clock.
#include <filesystem>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

constexpr long kDay = 86'400;
constexpr long kHalfDay = kDay / 2;

class Findings : public Site {
 protected:
  void SetUp() override {
    Site::SetUp();
    StartCollector();
  }
  void RestartAt(long seconds_ahead) {
    StopCollector();
    ShiftClock(seconds_ahead);
    StartCollector();
  }
  std::vector<Json> Of(const std::string& rule, const std::string& status = "open") const {
    std::vector<Json> findings;
    for (const Json& finding : DaichoJson({"findings", "--status", status})) {
      if (Text(finding, "rule") == rule) findings.push_back(finding);
    }
    return findings;
  }
};

TEST_F(Findings, UnusedAccountOpensWithTimeAndResolvesWithUse) {
  // Somebody else's login long ago: the records cover the whole time.
  Machine machine(*this, "ward-3-pc");
  machine.AddAccount("sato", 1001, "!");
  machine.AddAccount("tanaka", 1000, "$6$salt$abcdefgh");
  machine.AddLogin("sato", ::time(nullptr) - 400 * kDay);
  machine.AddLogin("tanaka", ::time(nullptr) - 90 * kDay + kHalfDay);
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  EXPECT_TRUE(Of("account-unused").empty());

  // Less than a day: clocks that are further apart are not compared.
  RestartAt(20 * 3600);
  EXPECT_TRUE(Of("account-unused").empty()) << "what happened since the last report is not known";
  machine.CycleReport();
  const std::vector<Json> open = Of("account-unused");
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(Text(open[0], "subject"), "tanaka");
  EXPECT_EQ(Text(open[0], "hostname"), "ward-3-pc");
  EXPECT_EQ(Texts(open[0], "items"), std::vector<std::string>{"p1.b9.2"});
  EXPECT_NE(Text(Object(open[0], "detail"), "ja").find("tanaka"), std::string::npos);
  EXPECT_NE(Text(Object(open[0], "resolution"), "en"), "");

  machine.AddLogin("tanaka", ::time(nullptr));
  machine.CycleReport();
  EXPECT_TRUE(Of("account-unused").empty());
  EXPECT_EQ(Of("account-unused", "resolved").size(), 1u);
}

TEST_F(Findings, SilentDeviceOpensWithTimeAndResolvesWithACheckIn) {
  Machine machine(*this, "pc-1");
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  EXPECT_TRUE(Of("device-silent").empty());
  RestartAt(30 * kDay);
  EXPECT_EQ(Of("device-silent").size(), 1u);
  machine.CycleReport();
  EXPECT_TRUE(Of("device-silent").empty());
  EXPECT_EQ(Of("device-silent", "resolved").size(), 1u);
}

TEST_F(Findings, ExpiredTokenIsRefused) {
  const std::string token = NewToken({"--valid", "1h"});
  RestartAt(2 * 3600);
  Machine machine(*this, "pc-1");
  const Outcome late = machine.Enrol(token);
  EXPECT_EQ(late.exit_code, 4) << late.err;
}

TEST_F(Findings, SecondRootIsFoundAndB10IsAnAlias) {
  Machine machine(*this, "pc-1");
  machine.AddAccount("toor", 0, "$6$salt$abcdefgh");
  machine.AddAccount("sato", 1000, "$6$salt$abcdefgh");
  machine.AddLogin("sato", ::time(nullptr) - 200 * kDay);
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  EXPECT_EQ(Of("second-uid-0").size(), 1u);
  bool sato_listed = false;
  for (const Json& finding : DaichoJson({"findings", "--item", "B10"})) {
    const std::vector<std::string> items = Texts(finding, "items");
    EXPECT_NE(std::find(items.begin(), items.end(), "p1.b9.2"), items.end());
    sato_listed |= Text(finding, "subject") == "sato";
  }
  EXPECT_TRUE(sato_listed);
}

TEST_F(Findings, ServicesThatNobodyCanLogInToAreNone) {
  Machine machine(*this, "pc-1");
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  for (const Json& finding : DaichoJson({"findings"})) EXPECT_NE(Text(finding, "subject"), "daemon");
}

TEST_F(Findings, UnknownUseIsNoAccusation) {
  Machine machine(*this, "pc-1");
  machine.AddAccount("new-hire", 1000, "$6$salt$abcdefgh");
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  EXPECT_TRUE(Of("account-never-used").empty());
  const std::vector<Json> unknown = Of("account-use-unknown");
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_EQ(Text(unknown[0], "severity"), "info");
}

TEST_F(Findings, WaivedOnesAreLeftAloneUntilTheDate) {
  Machine machine(*this, "pc-1");
  machine.AddAccount("toor", 0, "$6$salt$abcdefgh");
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  const std::vector<Json> open = Of("second-uid-0");
  ASSERT_EQ(open.size(), 1u);
  const std::string until = "2099-01-01";
  const Outcome waived =
      Daicho({"waive", Text(open[0], "finding_id"), "--reason", "vendor maintenance, contract 12", "--until", until});
  ASSERT_EQ(waived.exit_code, 0) << waived.err;
  EXPECT_TRUE(Of("second-uid-0").empty());
  const std::vector<Json> kept = Of("second-uid-0", "waived");
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(Text(kept[0], "waive_reason"), "vendor maintenance, contract 12");
}

TEST_F(Findings, ChecklistNamesEveryRowAndCountsOpenFindings) {
  Machine machine(*this, "pc-1");
  machine.AddAccount("sato", 1000, "$6$salt$abcdefgh");
  machine.AddLogin("sato", ::time(nullptr) - 200 * kDay);
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  const std::vector<Json> rows = DaichoJson({"checklist"});
  EXPECT_GE(rows.size(), 45u);
  const Json row = Only(rows, "id", "p1.b9.2");
  EXPECT_EQ(Text(row, "part"), "1");
  EXPECT_NE(Text(row, "open_findings"), "0");
  EXPECT_NE(Text(Object(row, "heading"), "ja"), "");
}

// No answer is yes by machine alone: a person confirms, and what could not be read is said.
TEST_F(Findings, ChecklistAnswersOnlyWhatIsKnown) {
  const auto answer = [&](const std::string& row) {
    return Text(Object(Only(DaichoJson({"checklist"}), "id", row), "answer"), "en");
  };
  EXPECT_EQ(answer("p1.b9.2"), "to be checked (no device has reported)");
  Machine machine(*this, "pc-1");
  machine.AddAccount("sato", 1000, "$6$salt$abcdefgh");
  machine.AddLogin("sato", ::time(nullptr) - 86'400);
  ASSERT_EQ(machine.Enrol(NewToken()).exit_code, 0);
  machine.CycleReport();
  EXPECT_EQ(answer("p1.b9.2"), "to be confirmed (automatic checks found nothing)");
  EXPECT_EQ(answer("p1.a1"), "to be answered by a person");
  // Another root has no listening sockets to look at: whether remote maintenance is possible is not known.
  EXPECT_NE(answer("p1.b6b"), answer("p1.b9.2"));

  machine.AddAccount("toor", 0, "$6$salt$abcdefgh");
  machine.CycleReport();
  EXPECT_EQ(answer("p1.b9.1"), "no (proposed)");
  std::filesystem::remove(machine.Root("/etc/passwd"));
  machine.CycleReport();
  EXPECT_NE(answer("p1.b9.2"), "to be confirmed (automatic checks found nothing)");
}

}  // namespace
}  // namespace daicho::e2e
