// Store::Verify: periods of a section follow each other from the first one to the one that holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/store/proof_test.h"

namespace daicho::collector::testing {
namespace {

using ::testing::HasSubstr;

class VerifyHistoryTest : public ProofTest {
 protected:
  // Four days of two devices; the software is a patch of the first day's, or whole again, as the store likes.
  static void Fill(Store& store) {
    for (const int number : {1, 2}) {
      EnrolDevice(store, DeviceId(number), "pc-" + std::to_string(number), kStart);
      for (const int day : {0, 1, 2, 3}) Feed(store, number, day, kStart + day * kDay);
    }
  }
  static void Feed(Store& store, int number, int day, UnixTime at) {
    Rows software = {PackageRow("vim", "1." + std::to_string(day), at)};
    for (int i = 0; i < 100; ++i) software.push_back(PackageRow("lib" + std::to_string(i), "1", kStart + i));
    FeedSection(store, DeviceId(number), "software", software, at);
    FeedSection(store, DeviceId(number), "accounts", {AccountRow("sato", 1000, at), AccountRow("root", 0)}, at);
    FeedSection(store, DeviceId(number), "listeners", {ListenerRow(static_cast<std::uint32_t>(day), "sshd")}, at);
  }
};

TEST_P(VerifyHistoryTest, EachPeriodThatIsMissingIsNamed) {
  const std::string number = "(SELECT id FROM device_entry WHERE device_id = '" + DeviceId(2) + "')";
  const auto from = [](int day) { return " AND valid_from = " + std::to_string(kStart + day * kDay); };
  const auto of_section = [&](const std::string& section) {
    return "DELETE FROM section_period WHERE device = " + number + " AND section = '" + section + "'";
  };
  const std::string of_software = "DELETE FROM software_period WHERE device = " + number;
  // Whatever refers to the first one, which is whole.
  const std::string of_first = "DELETE FROM software_period WHERE device = " + number + " AND base IS NOT NULL; ";
  const std::string of_listeners = "DELETE FROM listener_row WHERE device = " + number;
  struct Case {
    std::string change;
    std::string section;
    std::string named;
  };
  for (const Case& one : std::vector<Case>{
           {of_section("software") + from(0), "software", "begins at 2026-04-02T00:00:00Z, and it began at 2026-04-01"},
           {of_section("software") + from(1), "software", "gap from 2026-04-02T00:00:00Z to 2026-04-03T00:00:00Z"},
           {of_section("listeners") + from(2), "listeners", "gap from 2026-04-03T00:00:00Z to 2026-04-04T00:00:00Z"},
           {of_section("listeners") + from(3), "listeners", "its history ends at 2026-04-04T00:00:00Z"},
           {of_section("accounts"), "accounts", "its history is missing"},
           {of_section("accounts") +
                "; UPDATE section_state SET begun_at = NULL WHERE section = 'accounts' AND device = " + number,
            "accounts", "its history is missing"},
           {of_software + from(1), "software", "its software has a gap from 2026-04-02"},
           {of_first + of_software, "software", "have not the digest"},
           {of_listeners + from(0), "listeners, since 2026-04-01T00:00:00Z", "have not the digest"},
           {of_listeners + from(2), "listeners, since 2026-04-03T00:00:00Z", "have not the digest"},
           {of_listeners + from(3), "listeners", "have not the digest"},
           // Of both: the rows and what was said of them.
           {of_section("software") + from(2) + "; " + of_software + from(2), "software", "its history has a gap"},
           {of_section("listeners") + from(0) + "; " + of_listeners + from(0), "listeners", "its history begins at"},
           {of_section("listeners") + from(1) + "; " + of_listeners + from(1), "listeners", "its history has a gap"},
           {"UPDATE section_period SET row_count = 9 WHERE section = 'accounts' AND device = " + number + from(1),
            "accounts, since 2026-04-02T00:00:00Z", "its count of rows is 9, and 2 are held"},
           {"UPDATE section_period SET valid_to = valid_to + 1 WHERE section = 'accounts' AND device = " + number +
                from(1),
            "accounts", "two periods at once, since 2026-04-03T00:00:00Z"},
           {"UPDATE software_period SET valid_to = valid_to + 1 WHERE device = " + number + from(1), "software",
            "its software has two periods at once, since 2026-04-03T00:00:00Z"},
           {"UPDATE section_period SET row_count = 9 WHERE section = 'accounts' AND device = " + number + from(3),
            "accounts", "its last period is not what holds now"},
           {"UPDATE section_period SET section = 'os' WHERE section = 'accounts' AND valid_to IS NULL AND device = " +
                number,
            "accounts", "its history ends at"},
           {"INSERT INTO section_period (device, section, valid_from, status, row_count) VALUES (" + number +
                ", 'os', 1, 'OK', 0)",
            "os", "what holds now is missing"},
       }) {
    const auto place = GetParam().make();
    const auto store = place->Open();
    Fill(*store);
    place->Tamper(one.change);
    EXPECT_THAT(Verdict(*store), HasSubstr("device " + DeviceId(2) + " (pc-2), section " + one.section)) << one.change;
    EXPECT_THAT(Verdict(*store), HasSubstr(one.named)) << one.change;
  }
}

TEST_P(VerifyHistoryTest, DeviceThatReportedAndHasNothingIsNamed) {
  Fill(store());
  for (const char* table : {"section_state", "section_period", "software_period", "account_row", "listener_row"}) {
    place().Tamper("DELETE FROM " + std::string(table) + " WHERE device = 2");
  }
  EXPECT_THAT(Verdict(store()), HasSubstr("device " + DeviceId(2) + " (pc-2): it has reported"));
}

TEST_P(VerifyHistoryTest, WhatWasForgottenIsNotMissedAndWhatIsKeptIs) {
  Fill(store());
  Forget(store(), kStart + 2 * kDay);
  EXPECT_EQ(Verdict(store()), "sound");
  Forget(store(), kStart + 2 * kDay + 7);
  EXPECT_EQ(Verdict(store()), "sound");
  Feed(store(), 1, 4, kStart + 4 * kDay);
  EXPECT_EQ(Verdict(store()), "sound");
  place().Tamper("DELETE FROM section_period WHERE device = 1 AND section = 'listeners' AND valid_from = " +
                 std::to_string(kStart + 2 * kDay));
  EXPECT_THAT(Verdict(store()), HasSubstr("its history begins at 2026-04-04T00:00:00Z"));
}

TEST_P(VerifyHistoryTest, DeviceRevokedLongAgoHasNothingToMiss) {
  Fill(store());
  CommitOne(store(),
            RevokeWrite{.device_id = DeviceId(2), .reason = "", .by = "sato", .at = kStart + 5 * kDay, .result = {}});
  Forget(store(), kStart + 6 * kDay);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM section_history WHERE hostname = 'pc-2'"), "0");
  EXPECT_EQ(Verdict(store()), "sound");
}

TEST_P(VerifyHistoryTest, ClockThatWasSetBackIsNoDamage) {
  Fill(store());
  // Three changes while the clock is two days behind, then it is right again.
  for (const int day : {5, 6, 7}) Feed(store(), 1, day, kStart + kDay + day);
  EXPECT_EQ(Verdict(store()), "sound");
  Feed(store(), 1, 8, kStart + 8 * kDay);
  EXPECT_EQ(Verdict(store()), "sound");
}

// A collector of the version before, which still runs while another one is updated, knows nothing of begun_at.
TEST_P(VerifyHistoryTest, SectionThatAnOlderCollectorBeganIsNoDamage) {
  Fill(store());
  place().Tamper("UPDATE section_state SET begun_at = NULL");
  EXPECT_EQ(Verdict(store()), "sound");
  Feed(store(), 1, 9, kStart + 9 * kDay);
  EXPECT_EQ(Verdict(store()), "sound");
}

// Statuses without rows have periods as well: a section that failed from the beginning.
TEST_P(VerifyHistoryTest, SectionThatNeverHeldAnythingIsSound) {
  Fill(store());
  for (const int day : {4, 5}) {
    CheckInToDo check_in = NewCheckIn(DeviceId(1), kStart + day * kDay);
    v1::SectionState& state = *check_in.request->add_sections();
    state.set_name("network");
    state.set_status(v1::FAILED);
    state.set_reason("day " + std::to_string(day));
    ASSERT_TRUE(CommitOne(store(), std::move(check_in.write)).result);
  }
  CheckInOk(store(), DeviceId(2), {{"os", {OsRow("pc-2")}}}, kStart + 4 * kDay);  // and did not report it yet
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM section_history WHERE section = 'network'"), "2");
  EXPECT_EQ(Verdict(store()), "sound");
  place().Tamper("DELETE FROM section_period WHERE section = 'network' AND valid_to IS NOT NULL");
  EXPECT_THAT(Verdict(store()), HasSubstr("section network: its history begins at"));
}

INSTANTIATE_TEST_SUITE_P(Stores, VerifyHistoryTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
