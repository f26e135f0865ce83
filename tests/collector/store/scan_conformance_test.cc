// Store::ScanSoftware against what SQL on the views says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ScanTest : public StoreTest {
 protected:
  std::vector<std::string> Scan(const SoftwareScan& scan = {}) {
    std::vector<std::string> found;
    const Status done = store().ScanSoftware(scan, [&](const Installation& one) {
      found.push_back(std::string(one.hostname) + " " + one.item.name() + " " + one.item.version() + " " +
                      (one.installed_at ? std::to_string(*one.installed_at) : "-"));
      return true;
    });
    EXPECT_TRUE(done) << done.error().message;
    return found;
  }
  std::vector<std::string> Select(const std::string& where) {
    std::vector<std::string> found;
    for (const auto& row : Ask(store(), "SELECT hostname, name, version, installed_at FROM installation " + where +
                                            " ORDER BY hostname, device_id, name, architecture, version_key")) {
      found.push_back(row[0] + " " + row[1] + " " + row[2] + " " + row[3]);
    }
    return found;
  }
  std::vector<ItemId> Items(const std::string& where) {
    std::vector<ItemId> items;
    for (const auto& row : Ask(store(), "SELECT software_id FROM software " + where)) {
      items.push_back(static_cast<ItemId>(std::stoul(row[0])));
    }
    return items;
  }
};

TEST_P(ScanTest, SaysWhatSqlSays) {
  std::mt19937 random(7);
  for (int device = 0; device < 12; ++device) {
    EnrolDevice(store(), DeviceId(device), "host-" + std::to_string(device % 5), kStart);
    for (int round = 0; round < 3; ++round) {
      Rows rows;
      for (int i = 0; i < 60; ++i) {
        if (random() % 4 == 0) continue;
        // Times of all lengths, and none.
        const UnixTime times[] = {0, 1, 1'000, 1'600'000'000, kStart, 4'000'000'000, -5};
        rows.push_back(PackageRow("package-" + std::to_string(i), "1." + std::to_string(random() % 3),
                                  times[random() % std::size(times)]));
      }
      ASSERT_EQ(FeedSection(store(), DeviceId(device), "software", rows, kStart + round).outcome(), v1::APPLIED);
    }
  }
  EXPECT_EQ(Scan(), Select(""));
  EXPECT_EQ(Scan({.device_id = DeviceId(3), .items = {}, .at = {}, .limit_ms = {}}),
            Select("WHERE device_id = '" + DeviceId(3) + "'"));
  const std::string some = "WHERE name IN ('package-7', 'package-8')";
  EXPECT_EQ(Scan({.device_id = "", .items = Items(some + " ORDER BY name, version_key"), .at = {}, .limit_ms = {}}),
            Select(some));
  EXPECT_THAT(Scan({.device_id = "", .items = std::vector<ItemId>(), .at = {}, .limit_ms = {}}), IsEmpty());
}

TEST_P(ScanTest, RevokedDevicesAreThereOnlyWhenNamed) {
  for (int device : {1, 2}) {
    EnrolDevice(store(), DeviceId(device), "host-" + std::to_string(device), kStart);
    FeedSection(store(), DeviceId(device), "software", {PackageRow("a", "1")}, kStart);
  }
  CommitOne(store(), RevokeWrite{.device_id = DeviceId(1), .reason = "", .by = "admin", .at = kStart, .result = {}});
  EXPECT_THAT(Scan(), ElementsAre("host-2 a 1 -"));
  EXPECT_THAT(Scan({.device_id = DeviceId(1), .items = {}, .at = {}, .limit_ms = {}}), ElementsAre("host-1 a 1 -"));
}

TEST_P(ScanTest, SeesOneMomentAndWhatCameAfterTheLastScan) {
  for (int device : {1, 2}) {
    EnrolDevice(store(), DeviceId(device), "host-" + std::to_string(device), kStart);
    FeedSection(store(), DeviceId(device), "software", {PackageRow("a", "1")}, kStart);
  }
  EXPECT_THAT(Scan(), ElementsAre("host-1 a 1 -", "host-2 a 1 -"));
  std::vector<std::string> seen;
  ASSERT_TRUE(store().ScanSoftware({}, [&](const Installation& one) {
    if (seen.empty()) FeedSection(store(), DeviceId(2), "software", {PackageRow("b", "2")}, kStart + 1);
    seen.push_back(one.item.name());
    return true;
  }));
  EXPECT_THAT(seen, ElementsAre("a", "a")) << "the moment it began";
  EXPECT_THAT(Scan(), ElementsAre("host-1 a 1 -", "host-2 b 2 -"));
}

TEST_P(ScanTest, SinkStopsIt) {
  EnrolDevice(store(), DeviceId(1), "host", kStart);
  FeedSection(store(), DeviceId(1), "software", {PackageRow("a", "1"), PackageRow("b", "1")}, kStart);
  int rows = 0;
  ASSERT_TRUE(store().ScanSoftware({}, [&](const Installation&) { return ++rows < 1; }));
  EXPECT_EQ(rows, 1);
}

INSTANTIATE_TEST_SUITE_P(Stores, ScanTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
