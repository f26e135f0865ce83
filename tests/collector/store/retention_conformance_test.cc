// What the ledger forgets, and above all what it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "common/sections.h"
#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RetentionTest : public StoreTest {
 protected:
  // Takes every step. What was forgotten in all.
  RetentionStep Forget(UnixTime keep_since) {
    RetentionStep all;
    for (RetentionStep step; !step.done;) {
      step = CommitOne(store(), RetentionWrite{.keep_since = keep_since,
                                               .after_device = step.after_device,
                                               .devices_done = step.devices_done,
                                               .result = {}})
                 .result.value();
      all.rows += step.rows;
      all.sets += step.sets;
    }
    return all;
  }

  VerifyCounts Prove() {
    const auto proved = store().Verify([](auto, auto) { return true; });
    EXPECT_TRUE(proved) << proved.error().message;
    return proved.value_or(VerifyCounts{});
  }

  void Revoke(const std::string& device, UnixTime at) {
    ASSERT_TRUE(
        CommitOne(store(), RevokeWrite{.device_id = device, .reason = "retired", .by = "admin", .at = at, .result = {}})
            .result);
  }

  void Judge(const std::string& device, const std::vector<std::string>& subjects, UnixTime at) {
    FindingsWrite write{
        .rule = "account-unused", .severity = "high", .device_id = {}, .at = at, .candidates = {}, .result = {}};
    for (const std::string& subject : subjects) write.candidates.push_back({device, subject, {}});
    ASSERT_TRUE(CommitOne(store(), write).result);
  }

  static Rows Packages(int count, const std::string& version_of_first) {
    Rows rows = {PackageRow("app", version_of_first, kStart)};
    for (int i = 1; i < count; ++i) rows.push_back(PackageRow("lib" + std::to_string(i), "1.0", kStart + i));
    OrderRows(rows);
    return rows;
  }

  std::vector<std::string> Scan(const std::string& device) {
    std::vector<std::string> found;
    EXPECT_TRUE(store().ScanSoftware({.device_id = device, .items = {}, .at = {}, .limit_ms = {}},
                                     [&](const Installation& one) {
                                       found.push_back(one.item.name() + " " + one.item.version());
                                       return true;
                                     }));
    return found;
  }
};

TEST_P(RetentionTest, WhatEndedIsForgottenAndWhatHeldThenIsNot) {
  EnrolDevice(store(), DeviceId(1), "pc", kStart);
  const Rows versions[] = {{PackageRow("bash", "1")}, {PackageRow("bash", "2")}, {PackageRow("bash", "3")}};
  for (int i = 0; i < 3; ++i) FeedSection(store(), DeviceId(1), "software", versions[i], kStart + i * 10 * kDay);
  EXPECT_EQ(AskOne(store(), "SELECT kept_since FROM history"), "-");

  const RetentionStep forgotten = Forget(kStart + 15 * kDay);

  EXPECT_EQ(forgotten.rows, 3u) << "the period of the software, that of the section, the token of the enrolment";
  EXPECT_EQ(forgotten.sets, 1u);
  EXPECT_EQ(AskOne(store(), "SELECT kept_since FROM history"), std::to_string(kStart + 15 * kDay));
  EXPECT_EQ(store().SectionRows(DeviceId(1), "software", kStart + 15 * kDay).value(), versions[1]);
  EXPECT_EQ(store().SectionRows(DeviceId(1), "software").value(), versions[2]);
  EXPECT_THAT(Ask(store(), "SELECT DISTINCT version FROM installation_history ORDER BY version"),
              ElementsAre(ElementsAre("2"), ElementsAre("3")));
  EXPECT_EQ(Prove().sets, 2u);
}

TEST_P(RetentionTest, ThePastDoesNotComeBackWhenMoreIsKeptFromNowOn) {
  EnrolDevice(store(), DeviceId(1), "pc", kStart);
  Forget(kStart + 10);
  Forget(kStart + 5);
  EXPECT_EQ(AskOne(store(), "SELECT kept_since FROM history"), std::to_string(kStart + 10));
}

TEST_P(RetentionTest, PeriodThatOthersAreAPatchOfStaysAsLongAsTheyDo) {
  EnrolDevice(store(), DeviceId(1), "pc", kStart);
  FeedSection(store(), DeviceId(1), "software", Packages(400, "1"), kStart);
  for (const char* version : {"2", "3"}) {
    const Rows rows = Packages(400, version);
    FeedSection(store(), DeviceId(1), "software", rows, kStart + (version[0] - '0') * kDay);
    Forget(kStart + (version[0] - '0') * kDay);
    EXPECT_EQ(store().SectionRows(DeviceId(1), "software").value(), rows);
    Prove();
  }
  EXPECT_THAT(Ask(store(), "SELECT DISTINCT valid_from FROM installation_history ORDER BY valid_from"),
              ElementsAre(ElementsAre(std::to_string(kStart)), ElementsAre(std::to_string(kStart + 3 * kDay))))
      << "the one between was a patch itself";
}

TEST_P(RetentionTest, OfADeviceRevokedLongAgoOnlyWhoItWasStays) {
  for (const int number : {1, 2}) {
    EnrolDevice(store(), DeviceId(number), "pc" + std::to_string(number), kStart);
    FeedSection(store(), DeviceId(number), "software", Packages(3, std::to_string(number)), kStart);
    FeedSection(store(), DeviceId(number), "accounts", {AccountRow("sato", 1000)}, kStart);
    Judge(DeviceId(number), {"sato"}, kStart);
    Revoke(DeviceId(number), kStart + number * kDay);
  }

  Forget(kStart + kDay);

  EXPECT_THAT(Ask(store(), "SELECT hostname, status FROM device ORDER BY hostname"),
              ElementsAre(ElementsAre("pc1", "revoked"), ElementsAre("pc2", "revoked")));
  for (const char* view : {"section", "section_history", "account", "account_history", "installation", "finding"}) {
    EXPECT_THAT(Ask(store(), std::string("SELECT DISTINCT hostname FROM ") + view), ElementsAre(ElementsAre("pc2")))
        << view;
  }
  EXPECT_EQ(CommitOne(store(), NewCheckIn(DeviceId(1), kStart + 2 * kDay).write).result.error().code,
            Code::kPermissionDenied)
      << "its certificate is refused as before";
  Prove();
}

TEST_P(RetentionTest, NumberOfASetIsNeverThatOfAnotherOne) {
  EnrolDevice(store(), DeviceId(1), "pc1", kStart);
  EnrolDevice(store(), DeviceId(2), "pc2", kStart);
  FeedSection(store(), DeviceId(1), "software", {PackageRow("bash", "1")}, kStart);
  FeedSection(store(), DeviceId(2), "software", {PackageRow("bash", "2")}, kStart);
  EXPECT_THAT(Scan(DeviceId(2)), ElementsAre("bash 2"));  // and the set is remembered by its number
  Revoke(DeviceId(2), kStart + 1);
  Forget(kStart + kDay);
  FeedSection(store(), DeviceId(1), "software", {PackageRow("bash", "3")}, kStart + 2 * kDay);
  EXPECT_THAT(Scan(DeviceId(1)), ElementsAre("bash 3"));
  EXPECT_THAT(Scan(DeviceId(2)), IsEmpty());
}

TEST_P(RetentionTest, FindingThatComesBackHasNoNumberOfALifeThatIsStillKnown) {
  EnrolDevice(store(), DeviceId(1), "pc", kStart);
  Judge(DeviceId(1), {"sato"}, kStart);
  Judge(DeviceId(1), {}, kStart + kDay);
  Judge(DeviceId(1), {"sato"}, kStart + 2 * kDay);
  Judge(DeviceId(1), {}, kStart + 3 * kDay);
  Forget(kStart + 2 * kDay);
  Judge(DeviceId(1), {"sato"}, kStart + 4 * kDay);
  EXPECT_THAT(Ask(store(), "SELECT substr(finding_id, 14), status FROM finding ORDER BY finding_id"),
              ElementsAre(ElementsAre("2", "resolved"), ElementsAre("3", "open")));
}

TEST_P(RetentionTest, LastRunOfAnExportStaysAndSoDoTokensThatCanBeUsed) {
  for (const int day : {0, 1}) {
    CommitOne(
        store(),
        ExportRunWrite{
            .name = "weekly", .at = kStart + day * kDay, .ok = true, .result_text = "", .file = "", .result = {}});
  }
  for (const int day : {1, 30}) {
    CommitOne(store(), TokenWrite{.token_hashes = {"hash" + std::to_string(day)},
                                  .device_id = "",
                                  .note = "",
                                  .created_by = "",
                                  .created_at = kStart,
                                  .expires_at = kStart + day * kDay,
                                  .result = {}});
  }
  Forget(kStart + 10 * kDay);
  EXPECT_THAT(Ask(store(), "SELECT at FROM export_run"), ElementsAre(ElementsAre(std::to_string(kStart + kDay))));
  EXPECT_THAT(Ask(store(), "SELECT expires_at FROM token"),
              ElementsAre(ElementsAre(std::to_string(kStart + 30 * kDay))));
}

TEST_P(RetentionTest, ManyDevicesTakeSeveralStepsAndNoneIsLeftOut) {
  constexpr int kDevices = 50;
  for (int i = 1; i <= kDevices; ++i) {
    EnrolDevice(store(), DeviceId(i), "pc", kStart);
    FeedSection(store(), DeviceId(i), "listeners", {ListenerRow(22, "sshd")}, kStart);
    FeedSection(store(), DeviceId(i), "listeners", {ListenerRow(23, "telnetd")}, kStart + kDay);
  }
  EXPECT_EQ(Forget(kStart + kDay).rows, 3u * kDevices);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM listener_history"), std::to_string(kDevices));
  EXPECT_EQ(Forget(kStart + kDay).rows, 0u);
}

// Whatever happened: from the first moment that is kept, everything can be asked as before.
TEST_P(RetentionTest, WhatIsKeptOfAnyHistoryIsAsItWas) {
  std::mt19937 random(11);
  std::vector<std::tuple<std::string, std::string, UnixTime, Rows>> truth;
  const auto take = [&](UnixTime at) {
    for (const int number : {1, 2, 3}) {
      for (const char* section : {"software", "accounts"}) {
        truth.emplace_back(DeviceId(number), section, at, store().SectionRows(DeviceId(number), section, at).value());
      }
    }
  };
  for (const int number : {1, 2, 3}) EnrolDevice(store(), DeviceId(number), "pc", kStart);
  for (int step = 0; step < 60; ++step) {
    const std::string device = DeviceId(1 + static_cast<int>(random() % 3));
    const UnixTime at = kStart + step * 60;
    const std::string version = std::to_string(random() % 4);
    FeedSection(store(), device, "software", Packages(60, version), at);
    FeedSection(store(), device, "accounts", {AccountRow("user" + version, 1000)}, at);
    if (step < 40) continue;
    take(at);
  }
  for (const int minutes : {7, 20, 39}) {
    Forget(kStart + minutes * 60);
    for (const auto& [device, section, at, rows] : truth) {
      ASSERT_EQ(store().SectionRows(device, section, at).value(), rows) << section << " at " << at - kStart;
    }
    Prove();
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, RetentionTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
