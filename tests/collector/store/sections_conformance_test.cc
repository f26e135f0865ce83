#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <string>

#include "collector/store/journal_hash.h"
#include "common/sections.h"
#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SectionsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    EnrolDevice(store(), kId, "as-enrolled", kStart);
  }
  Rows Held(const std::string& section) { return store().SectionRows(kId, section).value(); }
  static Rows Ordered(Rows rows) {
    OrderRows(rows);
    return rows;
  }

  const std::string kId = DeviceId(1);
};

TEST_P(SectionsTest, RowsComeBackByteForByteInEverySection) {
  const std::map<std::string, Rows> sections = {
      {"software",
       {PackageRow("openssl", "3.0.15", kStart - 5), PackageRow("bash", "5.2"), PackageRow("zsh", "5.9", 7)}},
      {"accounts", {AccountRow("root", 0), AccountRow("tanaka", 1000, kStart - kDay)}},
      {"os", {OsRow("ward-3-pc")}},
      {"network", {InterfaceRow("eth0", "52:54:00:12:34:56", {"192.0.2.5/24"})}},
      {"listeners", {ListenerRow(22, "sshd"), ListenerRow(5900, "x11vnc")}},
  };
  for (const auto& [section, rows] : sections) {
    EXPECT_EQ(FeedSection(store(), kId, section, rows, kStart).outcome(), v1::APPLIED) << section;
  }
  Reopen();
  for (const auto& [section, rows] : sections) EXPECT_EQ(Held(section), Ordered(rows)) << section;
}

// On PostgreSQL software was refused whose name or version was longer than an entry of a B-tree.
TEST_P(SectionsTest, TextsOfAnyLengthThatARowMayHaveAreKeptAndFound) {
  const std::string text = IncompressibleText(20'000);
  v1::Group group;
  group.set_name(text);
  group.add_members(text);
  v1::Hardware hardware;
  hardware.set_model(text);
  hardware.set_serial(text);
  const std::map<std::string, Rows> sections = {
      {"software", {PackageRow(text, "1.0"), PackageRow(text + "x", "1.0"), PackageRow("a", "1." + text)}},
      {"accounts", {AccountRow(text, 1000)}},
      {"groups", {RowBytes(group)}},
      {"os", {OsRow(text, text)}},
      {"hardware", {RowBytes(hardware)}},
      {"network", {InterfaceRow(text, text, {text})}},
      {"listeners", {ListenerRow(22, text)}},
  };
  for (const auto& [section, rows] : sections) {
    const v1::SectionResult result = FeedSection(store(), kId, section, rows, kStart);
    EXPECT_EQ(result.outcome(), v1::APPLIED) << section << ": " << result.message();
  }
  Reopen();
  for (const auto& [section, rows] : sections) EXPECT_EQ(Held(section), Ordered(rows)) << section;
  EXPECT_THAT(
      Ask(store(), "SELECT version FROM installation WHERE name = :n AND version_key < version_key(manager, '1.5')",
          {{"n", text}}),
      ElementsAre(ElementsAre("1.0")));
}

TEST_P(SectionsTest, UnchangedCheckInWantsNothing) {
  const std::map<std::string, Rows> sections = {{"software", {PackageRow("bash", "5.2")}}, {"listeners", {}}};
  for (const auto& [section, rows] : sections) FeedSection(store(), kId, section, rows, kStart);
  EXPECT_THAT(CheckInOk(store(), kId, sections, kStart + 60), IsEmpty());
}

TEST_P(SectionsTest, CheckInNamesTheBaseOfEachChangedSection) {
  const Rows before = {PackageRow("bash", "5.2")};
  FeedSection(store(), kId, "software", before, kStart);
  const auto wanted =
      CheckInOk(store(), kId, {{"software", {PackageRow("bash", "5.3")}}, {"os", {OsRow("a")}}}, kStart);
  ASSERT_EQ(wanted.size(), 2u);
  EXPECT_EQ(wanted[0].name(), "os");
  EXPECT_EQ(wanted[0].base_digest(), "");
  EXPECT_EQ(wanted[1].name(), "software");
  EXPECT_EQ(wanted[1].base_digest(), DigestRows(before));
}

TEST_P(SectionsTest, FailedSectionIsNotWantedAndRemovesNothing) {
  const Rows rows = {AccountRow("root", 0)};
  FeedSection(store(), kId, "accounts", rows, kStart);
  CheckInToDo check_in = NewCheckIn(kId, kStart + kDay);
  v1::SectionState& accounts = *check_in.request->add_sections();
  accounts.set_name("accounts");
  accounts.set_status(v1::FAILED);
  accounts.set_reason("/etc/shadow: permission denied");
  v1::Issue& issue = *accounts.add_issues();
  issue.set_file("/etc/shadow");
  issue.set_message("permission denied");
  accounts.set_issue_count(1);
  check_in.write = CommitOne(store(), check_in.write);
  ASSERT_TRUE(check_in.write.result);
  EXPECT_THAT(check_in.write.result->wanted, IsEmpty());
  EXPECT_EQ(Held("accounts"), rows);
  EXPECT_THAT(Ask(store(), "SELECT status, reason, row_count, issue_count, ok_at, checked_at FROM section"),
              ElementsAre(ElementsAre("FAILED", "/etc/shadow: permission denied", "1", "1", std::to_string(kStart),
                                      std::to_string(kStart + kDay))));
  EXPECT_THAT(AskOne(store(), "SELECT issues FROM section"), HasSubstr("\"file\":\"/etc/shadow\""));
}

TEST_P(SectionsTest, UnknownSectionIsNotWanted) {
  EXPECT_EQ(FeedSection(store(), kId, "weather", {"x"}, kStart).outcome(), v1::NOT_WANTED);
  EXPECT_THAT(CheckInOk(store(), kId, {{"weather", {"x"}}}, kStart), IsEmpty());
}

TEST_P(SectionsTest, DeltaAgainstAnotherBaseNeedsTheFullSection) {
  const Rows held = {PackageRow("bash", "5.2")};
  FeedSection(store(), kId, "software", held, kStart);
  v1::SectionDelta delta;
  delta.set_name("software");
  delta.set_status(v1::OK);
  MakeDelta({PackageRow("dash", "0.5")}, {PackageRow("dash", "0.6")}, delta);
  ReportToDo report = NewReport(kId, kStart);
  *report.request->add_sections() = delta;
  report.write = CommitOne(store(), report.write);
  EXPECT_EQ(report.write.result->at(0).outcome(), v1::NEED_FULL);
  EXPECT_EQ(Held("software"), held);
}

TEST_P(SectionsTest, DeltaThatGivesAnotherDigestNeedsTheFullSection) {
  const Rows held = {PackageRow("bash", "5.2")};
  FeedSection(store(), kId, "software", held, kStart);
  ReportToDo report = NewReport(kId, kStart);
  v1::SectionDelta& delta = *report.request->add_sections();
  delta.set_name("software");
  delta.set_status(v1::OK);
  MakeDelta(held, {PackageRow("bash", "5.3")}, delta);
  delta.set_result_digest(Sha256("something else"));
  report.write = CommitOne(store(), report.write);
  EXPECT_EQ(report.write.result->at(0).outcome(), v1::NEED_FULL);
  EXPECT_EQ(Held("software"), held);
}

struct BadReport {
  std::string name;
  std::string section;
  Rows added;  // as they stand in the report
  std::string message;
};

TEST_P(SectionsTest, BadRowsAreRejectedByNameAndNothingIsStored) {
  const std::string bad_tail = PackageRow("dash", "5.9") + "\x82\x01\x02\xff\xff";
  const std::vector<BadReport> cases = {
      {"junk row", "software", {PackageRow("bash", "5.2"), "\xff\xff\xff"}, "section 'software': row 2"},
      {"junk tail", "software", {PackageRow("bash", "5.2"), bad_tail}, "section 'software': row 2"},
      {"junk account", "accounts", {AccountRow("root", 0), "\xff"}, "section 'accounts': row 2"},
      {"double key",
       "software",
       {PackageRow("bash", "5.2"), PackageRow("bash", "5.3")},
       "row 2 of those added: another row has the same key"},
      {"double account", "accounts", {AccountRow("root", 0), AccountRow("root", 0, 5)}, "another row has the same key"},
      {"two systems", "os", {OsRow("a"), OsRow("b")}, "another row has the same key"},
      {"rows not ascending", "software", {PackageRow("dash", "1"), PackageRow("bash", "1")}, "not ascending"},
  };
  for (const BadReport& bad : cases) {
    const Rows before = Held(bad.section);
    ReportToDo report = NewReport(kId, kStart);
    v1::SectionDelta& delta = *report.request->add_sections();
    delta.set_name(bad.section);
    delta.set_status(v1::OK);
    for (const std::string& row : bad.added) delta.add_added(row);
    delta.set_result_digest(DigestRows(Ordered(bad.added)));
    report.write = CommitOne(store(), report.write);
    ASSERT_TRUE(report.write.result) << bad.name;
    EXPECT_EQ(report.write.result->at(0).outcome(), v1::REJECTED) << bad.name;
    EXPECT_THAT(report.write.result->at(0).message(), HasSubstr(bad.message)) << bad.name;
    EXPECT_EQ(Held(bad.section), before) << bad.name;
  }
  EXPECT_EQ(AskOne(store(), "SELECT status FROM device"), "enrolled") << "a rejected report is no report";
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM software"), "0") << "nor does it teach the dictionary";
}

TEST_P(SectionsTest, FullSectionWithAnotherDigestIsRejected) {
  ReportToDo report = NewReport(kId, kStart);
  v1::SectionDelta& delta = *report.request->add_sections();
  delta.set_name("software");
  delta.set_status(v1::OK);
  delta.add_added(PackageRow("bash", "5.2"));
  delta.set_result_digest(Sha256("something else"));
  report.write = CommitOne(store(), report.write);
  EXPECT_EQ(report.write.result->at(0).outcome(), v1::REJECTED);
  EXPECT_THAT(Held("software"), IsEmpty());
}

TEST_P(SectionsTest, ReportTwiceChangesNothing) {
  FeedSection(store(), kId, "software", {PackageRow("bash", "5.2")}, kStart);
  EXPECT_EQ(FeedSection(store(), kId, "software", {PackageRow("bash", "5.2")}, kStart + 9).outcome(), v1::APPLIED);
  EXPECT_THAT(Ask(store(), "SELECT name, valid_from, valid_to FROM installation_history"),
              ElementsAre(ElementsAre("bash", std::to_string(kStart), "-")));
}

TEST_P(SectionsTest, ChangedRowsKeepTheirHistory) {
  FeedSection(store(), kId, "accounts", {AccountRow("root", 0), AccountRow("sato", 1001)}, 100);
  FeedChange(store(), kId, "accounts", {AccountRow("root", 0), AccountRow("sato", 1001, 150)}, 200);
  FeedChange(store(), kId, "accounts", {AccountRow("root", 0)}, 300);
  EXPECT_THAT(
      Ask(store(), "SELECT name, last_use_at, valid_from, valid_to FROM account_history ORDER BY valid_from, name"),
      ElementsAre(ElementsAre("root", "-", "100", "-"), ElementsAre("sato", "-", "100", "200"),
                  ElementsAre("sato", "150", "200", "300")));
  EXPECT_THAT(Ask(store(), "SELECT name FROM account"), ElementsAre(ElementsAre("root")));
}

TEST_P(SectionsTest, PeriodDoesNotEndBeforeItBeganWhenTheClockIsSetBack) {
  FeedSection(store(), kId, "listeners", {ListenerRow(22, "sshd")}, 500);
  FeedChange(store(), kId, "listeners", {}, 400);
  EXPECT_THAT(Ask(store(), "SELECT valid_from, valid_to FROM listener_history"),
              ElementsAre(ElementsAre("500", "500")));
}

TEST_P(SectionsTest, ChangedSoftwareKeepsItsHistory) {
  FeedSection(store(), kId, "software", {PackageRow("bash", "5.2", 50), PackageRow("zsh", "5.9")}, 100);
  FeedChange(store(), kId, "software", {PackageRow("bash", "5.3", 150), PackageRow("zsh", "5.9")}, 200);
  EXPECT_THAT(Ask(store(),
                  "SELECT version, installed_at, valid_from, valid_to FROM installation_history "
                  "WHERE name = 'bash' ORDER BY valid_from"),
              ElementsAre(ElementsAre("5.2", "50", "100", "200"), ElementsAre("5.3", "150", "200", "-")));
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM installation"), "2");
}

TEST_P(SectionsTest, PartialMergesAndRemovesNothing) {
  FeedSection(store(), kId, "accounts", {AccountRow("root", 0, 77), AccountRow("sato", 1001)}, kStart);
  const Rows seen = {AccountRow("root", 0), AccountRow("toor", 0)};
  const auto result = FeedSection(store(), kId, "accounts", seen, kStart + 1, v1::PARTIAL);
  EXPECT_EQ(result.outcome(), v1::MERGED);
  EXPECT_THAT(Ask(store(), "SELECT name, last_use_at FROM account ORDER BY name"),
              ElementsAre(ElementsAre("root", "77"), ElementsAre("sato", "-"), ElementsAre("toor", "-")));
  EXPECT_EQ(AskOne(store(), "SELECT status FROM section"), "PARTIAL");
}

TEST_P(SectionsTest, PartialDeltaRemovesNothingEither) {
  FeedSection(store(), kId, "software", {PackageRow("bash", "5.2"), PackageRow("zsh", "5.9")}, kStart);
  EXPECT_EQ(FeedChange(store(), kId, "software", {PackageRow("bash", "5.2")}, kStart, v1::PARTIAL).outcome(),
            v1::MERGED);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM installation"), "2");
}

TEST_P(SectionsTest, PartialThatIsAllThereIsIsApplied) {
  EXPECT_EQ(FeedSection(store(), kId, "software", {PackageRow("bash", "5.2")}, kStart, v1::PARTIAL).outcome(),
            v1::APPLIED);
  EXPECT_EQ(AskOne(store(), "SELECT ok_at FROM section"), "-");
}

TEST_P(SectionsTest, MergedPartialIsNotAskedForAgain) {
  FeedSection(store(), kId, "software", {PackageRow("bash", "5.2"), PackageRow("zsh", "5.9")}, kStart);
  const Rows seen = {PackageRow("bash", "5.3")};
  FeedSection(store(), kId, "software", seen, kStart, v1::PARTIAL);
  CheckInToDo check_in = NewCheckIn(kId, kStart + 60);
  v1::SectionState& software = *check_in.request->add_sections();
  software.set_name("software");
  software.set_status(v1::PARTIAL);
  software.set_digest(DigestRows(seen));
  EXPECT_THAT(CommitOne(store(), check_in.write).result->wanted, IsEmpty());
  software.set_status(v1::OK);
  EXPECT_EQ(CommitOne(store(), check_in.write).result->wanted.size(), 1u)
      << "the same rows as the whole truth are news";
}

TEST_P(SectionsTest, AddedRowWithTheKeyOfARowThatStaysIsRejected) {
  const Rows held = Ordered({PackageRow("bash", "5.2"), PackageRow("dash", "0.5"), PackageRow("zsh", "5.9")});
  for (const std::string name : {"bash", "dash", "zsh"}) {
    FeedSection(store(), kId, "software", held, kStart);
    Rows both = held;
    both.push_back(PackageRow(name, "7"));
    const auto result = FeedChange(store(), kId, "software", both, kStart);
    EXPECT_EQ(result.outcome(), v1::REJECTED) << name;
    EXPECT_THAT(result.message(), HasSubstr("row 1 of those added: another row has the same key")) << name;
    EXPECT_EQ(Held("software"), held) << name;
  }
}

// Whatever devices report in whatever order, as a whole or as a change: what they have is what they said last.
TEST_P(SectionsTest, RandomReportsComeBackAsTheyWere) {
  std::mt19937_64 random(5);
  const auto below = [&](std::uint64_t bound) { return random() % bound; };
  std::map<std::string, Rows> expected;
  for (int device = 1; device <= 3; ++device) {
    if (device > 1) EnrolDevice(store(), DeviceId(device), "other", kStart);
    expected[DeviceId(device)];
  }
  for (int round = 0; round < 120; ++round) {
    const std::string id = DeviceId(1 + static_cast<int>(below(3)));
    std::map<std::string, std::string> by_name;
    for (std::uint64_t package = 0; package < 12; ++package) {
      if (below(4) == 0) continue;
      const std::string name = "p" + std::to_string(package);
      by_name[name] = PackageRow(name, std::to_string(below(3)), below(2) == 0 ? 0 : static_cast<UnixTime>(below(3)));
    }
    Rows rows;
    for (const auto& [name, row] : by_name) rows.push_back(row);
    const bool whole = expected[id].empty() || below(3) == 0;
    const auto result = whole ? FeedSection(store(), id, "software", rows, kStart + round)
                              : FeedChange(store(), id, "software", rows, kStart + round);
    ASSERT_EQ(result.outcome(), v1::APPLIED) << round << ": " << result.message();
    expected[id] = Ordered(rows);
    if (below(10) == 0) Reopen();
    for (const auto& [device, held] : expected) ASSERT_EQ(store().SectionRows(device, "software").value(), held);
  }
}

TEST_P(SectionsTest, RejectedSectionDoesNotTakeTheOthersWithIt) {
  ReportToDo report = NewReport(kId, kStart);
  v1::SectionDelta& bad = *report.request->add_sections();
  bad.set_name("accounts");
  bad.set_status(v1::OK);
  bad.add_added("\xff");
  bad.set_result_digest(DigestRows(Rows{"\xff"}));
  v1::SectionDelta& good = *report.request->add_sections();
  good.set_name("software");
  good.set_status(v1::OK);
  MakeFull({PackageRow("bash", "5.2")}, good);
  report.write = CommitOne(store(), report.write);
  EXPECT_EQ(report.write.result->at(0).outcome(), v1::REJECTED);
  EXPECT_EQ(report.write.result->at(1).outcome(), v1::APPLIED);
  EXPECT_EQ(Held("software").size(), 1u);
}

TEST_P(SectionsTest, UnknownAndRevokedDevicesCannotReport) {
  RevokeWrite revoke;
  revoke.device_id = kId;
  revoke.reason = "lost";
  revoke.at = kStart;
  ASSERT_TRUE(CommitOne(store(), revoke).result);
  for (const std::string& id : {kId, DeviceId(9)}) {
    EXPECT_EQ(CommitOne(store(), NewReport(id, kStart).write).result.error().code, Code::kPermissionDenied);
    EXPECT_EQ(CommitOne(store(), NewCheckIn(id, kStart).write).result.error().code, Code::kPermissionDenied);
  }
}

TEST_P(SectionsTest, DeviceShowsWhatItsSectionsSay) {
  FeedSection(store(), kId, "os", {OsRow("ward-3-pc", "12.9")}, kStart);
  FeedSection(store(), kId, "software", {PackageRow("bash", "5.2"), PackageRow("zsh", "5.9")}, kStart);
  FeedSection(store(), kId, "network",
              {InterfaceRow("lo", "00:00:00:00:00:00", {"127.0.0.1/8", "::1/128"}, "loopback", true),
               InterfaceRow("docker0", "02:42:00:00:00:01", {"172.17.0.1/16"}, "bridge", true),
               InterfaceRow("eth0", "52:54:00:12:34:56", {"192.0.2.5/24", "2001:db8::5/64", "fe80::1/64"})},
              kStart);
  EXPECT_THAT(
      Ask(store(), "SELECT hostname, status, os_version, addresses, macs, software_count, account_count FROM device"),
      ElementsAre(ElementsAre("ward-3-pc", "active", "12.9", R"(["172.17.0.1","192.0.2.5","2001:db8::5"])",
                              R"(["52:54:00:12:34:56"])", "2", "-")));
}

TEST_P(SectionsTest, MacsOfVirtualInterfacesCountWhenThereAreNoOthers) {
  FeedSection(store(), kId, "network", {InterfaceRow("veth0", "02:42:00:00:00:01", {}, "virtual", true)}, kStart);
  EXPECT_EQ(AskOne(store(), "SELECT macs FROM device"), R"(["02:42:00:00:00:01"])");
  EXPECT_EQ(AskOne(store(), "SELECT addresses FROM device"), "[]");
}

TEST_P(SectionsTest, VersionsCompareInTheOrderOfTheirManager) {
  FeedSection(store(), kId, "software", {PackageRow("openssl", "3.0.9-1"), PackageRow("bash", "5.2")}, kStart);
  EnrolDevice(store(), DeviceId(2), "b", kStart);
  FeedSection(store(), DeviceId(2), "software", {PackageRow("openssl", "3.0.15-1")}, kStart);
  EXPECT_THAT(Ask(store(),
                  "SELECT device_id, version FROM installation WHERE name = :name "
                  "AND version_key < version_key(manager, :below)",
                  {{"name", "openssl"}, {"below", "3.0.11"}}),
              ElementsAre(ElementsAre(kId, "3.0.9-1")));
}

TEST_P(SectionsTest, CheckInRecordsUsageAndSkew) {
  CheckInToDo check_in = NewCheckIn(kId, kStart);
  check_in.request->set_agent_version("0.2.0");
  check_in.request->mutable_agent_time()->set_seconds(kStart + 75);
  v1::CycleUsage& usage = *check_in.request->mutable_last_cycle();
  usage.set_cpu_ms(21);
  usage.add_overruns("collection killed: 10 s CPU ceiling");
  ASSERT_TRUE(CommitOne(store(), check_in.write).result);
  EXPECT_THAT(Ask(store(), "SELECT agent_version, clock_skew_seconds, cycle_cpu_ms, cycle_overruns FROM device"),
              ElementsAre(ElementsAre("0.2.0", "75", "21", R"(["collection killed: 10 s CPU ceiling"])")));
}

TEST_P(SectionsTest, TheLastCheckInWithAWrongClockIsKept) {
  const std::vector<std::pair<std::int64_t, std::string>> skews = {{86'400, "-"},
                                                                   {-86'401, std::to_string(kStart + 1)},
                                                                   {86'401, std::to_string(kStart + 2)},
                                                                   {0, std::to_string(kStart + 2)}};
  UnixTime at = kStart;
  for (const auto& [skew, wrong_at] : skews) {
    CheckInToDo check_in = NewCheckIn(kId, at);
    check_in.request->mutable_agent_time()->set_seconds(at + skew);
    ASSERT_TRUE(CommitOne(store(), check_in.write).result);
    EXPECT_EQ(AskOne(store(), "SELECT clock_wrong_at FROM device"), wrong_at) << skew;
    ++at;
  }
}

// The collector ran ahead for an hour, and found every device's clock wrong.
TEST_P(SectionsTest, WrongClockThatWasTheCollectorsOwnIsForgotten) {
  for (const auto& [at, wrong_at] : {std::pair{kStart + 400 * kDay, std::to_string(kStart + 400 * kDay)},
                                     std::pair{kStart + 60, std::string("-")}}) {
    CheckInToDo check_in = NewCheckIn(kId, at);
    check_in.request->mutable_agent_time()->set_seconds(kStart + 60);
    ASSERT_TRUE(CommitOne(store(), check_in.write).result);
    EXPECT_EQ(AskOne(store(), "SELECT clock_wrong_at FROM device"), wrong_at);
  }
}

TEST_P(SectionsTest, TimesOfNoYearAreNotKnown) {
  for (const std::int64_t time : {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    CheckInToDo check_in = NewCheckIn(kId, kStart);
    check_in.request->mutable_agent_time()->set_seconds(time);
    ASSERT_TRUE(CommitOne(store(), check_in.write).result);
    EXPECT_EQ(AskOne(store(), "SELECT clock_skew_seconds FROM device"), "-");
    FeedSection(store(), kId, "accounts", {AccountRow("tanaka", 1000, time)}, kStart);
    EXPECT_EQ(AskOne(store(), "SELECT last_use_at FROM account"), "-");
    FeedSection(store(), kId, "software", {PackageRow("bash", "5.2", time)}, kStart);
    EXPECT_EQ(AskOne(store(), "SELECT installed_at FROM installation"), "-");
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, SectionsTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
