// Store::Verify and what reads refuse: whatever is changed in the tables behind the store's back is found and named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class VerifyTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    Fill(store());
  }
  static void Fill(Store& store) {
    for (int device : {1, 2}) {
      const std::string id = DeviceId(device);
      EnrolDevice(store, id, "pc-" + std::to_string(device), kStart);
      for (const int day : {0, 1, 2}) {
        const UnixTime at = kStart + day * kDay;
        const std::string version = "1." + std::to_string(day);
        FeedSection(store, id, "software", {PackageRow("vim", version, at), PackageRow("less", "2", kStart)}, at);
        FeedSection(store, id, "accounts", {AccountRow("sato", 1000, at), AccountRow("root", 0)}, at);
        FeedSection(store, id, "os", {OsRow("pc-" + std::to_string(device))}, at);
      }
    }
    for (const char* detail : {"one", "two", "three"}) {
      CommitOne(store,
                JournalWrite{.at = kStart, .actor = "admin/sato", .action = "x", .detail = detail, .result = {}});
    }
  }
};

TEST_P(VerifyTest, SoundLedgerIsProvedWhole) {
  std::uint64_t steps = 0;
  const auto counts = store().Verify([&](std::uint64_t done, std::uint64_t of) {
    EXPECT_LE(done, of);
    return ++steps > 0;
  });
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->devices, 2u);
  EXPECT_EQ(counts->items, 4u);
  EXPECT_EQ(counts->journal_entries, 2u * 2 + 3) << "of each device its token, made and used";
  EXPECT_EQ(counts->sections, 2u * (3 + 3 + 3 + 1)) << "held now, and each period: the os never changed";
}

TEST_P(VerifyTest, EmptyLedgerIsSound) {
  const auto place = GetParam().make();
  EXPECT_TRUE(place->Open()->Verify([](auto, auto) { return true; }));
}

TEST_P(VerifyTest, EachThingThatWasChangedIsNamed) {
  const std::string device = "(SELECT id FROM device_entry WHERE device_id = '" + DeviceId(2) + "')";
  struct Case {
    std::string change;
    std::vector<std::string> named;
  };
  const std::string of_device = "device " + DeviceId(2) + " (pc-2), section ";
  for (const Case& one : std::vector<Case>{
           {"UPDATE journal_entry SET detail = 'tow' WHERE detail = 'two'", {"journal entry 6", "was changed"}},
           {"DELETE FROM journal_entry WHERE seq = 1", {"journal entry 2", "entry 1 is missing"}},
           {"DELETE FROM journal_entry WHERE seq = 7", {"entries behind number 6 are missing"}},
           {"UPDATE journal_head SET seq = 6", {"journal entry 7", "outside of the chain"}},
           {"UPDATE journal_entry SET seq = -1 WHERE seq = 7", {"journal entry -1", "outside of the chain"}},
           {"UPDATE journal_head SET hash = (SELECT hash FROM journal_entry WHERE seq = 1)", {"journal", "its head"}},
           {"DELETE FROM journal_head", {"journal", "its head is missing"}},
           {"UPDATE account_row SET enabled = 0, human = 1 WHERE device = " + device,
            {of_device + "accounts", "does not show what the row of key"}},
           {"DELETE FROM account_row WHERE device = " + device + " AND valid_to IS NULL AND name = 'root'",
            {of_device + "accounts", "have not the digest"}},
           {"DELETE FROM account_row WHERE device = " + device + " AND valid_to = " + std::to_string(kStart + kDay),
            {of_device + "accounts, since 2026-04-01T00:00:00Z", "have not the digest"}},
           {"UPDATE section_state SET digest = merged_digest WHERE section = 'os' AND device = " + device,
            {of_device + "os"}},
           {"UPDATE software_item SET version = '9' WHERE name = 'less'", {"software item", "do not show"}},
           {"UPDATE software_item SET state = 'config-files' WHERE name = 'less'", {"software item", "do not show"}},
           {"UPDATE software_item SET architecture = 'arm64' WHERE name = 'less'", {"software item", "do not show"}},
           {"UPDATE section_state SET row_count = 7 WHERE section = 'accounts' AND device = " + device,
            {of_device + "accounts", "its count of rows is 7, and 2 are held"}},
           {"UPDATE section_state SET row_count = 7 WHERE section = 'software' AND device = " + device,
            {of_device + "software", "its count of rows is 7, and 2 are held"}},
           {"UPDATE software_item SET version_key = item WHERE name = 'less'", {"software item", "version key"}},
           {"UPDATE software_set SET item_count = 7 WHERE id = 1", {"software set 1", "count"}},
           {"UPDATE software_period SET tails = (SELECT tails FROM software_period WHERE device = 1 AND base IS NULL "
            "ORDER BY id LIMIT 1), base = NULL WHERE valid_to IS NULL AND device = " +
                device,
            {of_device + "software"}},
       }) {
    const auto place = GetParam().make();
    const auto store = place->Open();
    Fill(*store);
    place->Tamper(one.change);
    const auto verdict = store->Verify([](auto, auto) { return true; });
    ASSERT_FALSE(verdict) << one.change;
    EXPECT_EQ(verdict.error().code, Code::kDataLoss) << one.change;
    for (const std::string& words : one.named) EXPECT_THAT(verdict.error().message, HasSubstr(words)) << one.change;
  }
}

// PostgreSQL keeps references itself.
TEST(VerifySqlite, RowsOfADeviceThatIsNotThereAreNamed) {
  const auto place = AllStoreFactories().front().make();
  const auto store = place->Open();
  EnrolDevice(*store, DeviceId(1), "pc-1", kStart);
  FeedSection(*store, DeviceId(1), "accounts", {AccountRow("root", 0)}, kStart);
  place->Tamper("PRAGMA foreign_keys = OFF; DELETE FROM device_entry");
  const auto verdict = store->Verify([](auto, auto) { return true; });
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, Code::kDataLoss);
  EXPECT_THAT(verdict.error().message, AllOf(HasSubstr("device number 1"), HasSubstr("device_entry")));
}

// A ledger that is damaged where nobody looked is not served as truth when somebody does.
TEST_P(VerifyTest, DamagedRowsAreNotGiven) {
  place().Tamper("DELETE FROM account_row WHERE valid_to IS NULL AND name = 'root'");
  const auto rows = store().SectionRows(DeviceId(1), "accounts");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::kDataLoss);
  EXPECT_THAT(rows.error().message, AllOf(HasSubstr("section 'accounts'"), HasSubstr("restore a backup")));
  EXPECT_TRUE(store().SectionRows(DeviceId(1), "software")) << "the rest is as good as before";
}

TEST_P(VerifyTest, CanBeStopped) {
  Rows rows;
  for (int i = 0; i < 600; ++i) rows.push_back(PackageRow("p" + std::to_string(i), "1"));
  FeedSection(store(), DeviceId(1), "software", rows, kStart + 3 * kDay);
  const auto counts = store().Verify([](auto, auto) { return false; });
  ASSERT_FALSE(counts);
  EXPECT_EQ(counts.error().code, Code::kAborted);
}

// A proof takes minutes where there are many devices, and the ledger goes on meanwhile.
TEST_P(VerifyTest, WhatIsWrittenMeanwhileIsNoDamage) {
  Rows rows;
  for (int i = 0; i < 600; ++i) rows.push_back(PackageRow("p" + std::to_string(i), "1"));
  FeedSection(store(), DeviceId(1), "software", rows, kStart + 3 * kDay);
  int writes = 0;
  const auto counts = store().Verify([&](std::uint64_t done, std::uint64_t of) {
    EXPECT_LE(done, of);
    ++writes;
    const UnixTime at = kStart + 4 * kDay + writes;
    rows.push_back(PackageRow("q" + std::to_string(writes), "1"));
    FeedSection(store(), DeviceId(1), "software", rows, at);
    FeedSection(store(), DeviceId(2), "accounts", {AccountRow("new", 2000, at)}, at);
    CommitOne(store(), JournalWrite{at, "admin/sato", "x", "meanwhile", {}});
    return true;
  });
  EXPECT_TRUE(counts) << counts.error().message;
  EXPECT_GT(writes, 0);
}

TEST_P(VerifyTest, OneIsUnderWayAtATime) {
  Rows rows;
  for (int i = 0; i < 600; ++i) rows.push_back(PackageRow("p" + std::to_string(i), "1"));
  FeedSection(store(), DeviceId(1), "software", rows, kStart + 3 * kDay);
  Code second{};
  ASSERT_TRUE(store().Verify([&](auto, auto) {
    if (second == Code{}) second = store().Verify([](auto, auto) { return true; }).error().code;
    return true;
  }));
  EXPECT_EQ(second, Code::kResourceExhausted);
  EXPECT_TRUE(store().Verify([](auto, auto) { return true; }));
}

INSTANTIATE_TEST_SUITE_P(Stores, VerifyTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
