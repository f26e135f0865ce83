// Random histories of a section against a model: whatever is reported, whole or as a change, the store holds the rows
// of the model, byte for byte, with the digest that the agent would compute.
#include <gtest/gtest.h>

#include <random>

#include "common/sections.h"
#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using Random = std::mt19937;

class HistoryTest : public StoreTest {
 protected:
  // A row with one of few keys, so that changes meet what is held.
  static std::string RandomRow(const std::string& section, Random& random, int key) {
    const auto small = static_cast<UnixTime>(random() % 4);
    const std::string name = "thing-" + std::to_string(key);
    if (section == "software") return PackageRow(name, "1." + std::to_string(random() % 3), small * 1'000'000);
    if (section == "accounts") return AccountRow(name, static_cast<std::uint32_t>(key), small * 1'000);
    return ListenerRow(static_cast<std::uint32_t>(key), "daemon-" + std::to_string(random() % 3));
  }

  static std::map<int, std::string> RandomRows(const std::string& section, Random& random) {
    std::map<int, std::string> rows;
    const auto count = random() % 12;
    for (unsigned i = 0; i < count; ++i) {
      const int key = static_cast<int>(random() % 15);
      rows.insert_or_assign(key, RandomRow(section, random, key));
    }
    return rows;
  }

  static Rows Values(const std::map<int, std::string>& by_key) {
    Rows rows;
    for (const auto& [key, row] : by_key) rows.push_back(row);
    OrderRows(rows);
    return rows;
  }
};

TEST_P(HistoryTest, HoldsWhatAModelHolds) {
  int number = 0;
  for (const std::string section : {"software", "accounts", "listeners"}) {
    Random random(20'260'401);
    const std::string device = DeviceId(++number);
    EnrolDevice(store(), device, section, kStart);
    Rows model;
    bool held = false;
    for (int step = 0; step < 60; ++step) {
      const Rows next = Values(RandomRows(section, random));
      const bool whole = !held || random() % 2 == 0;
      const auto result = whole ? FeedSection(store(), device, section, next, kStart + step)
                                : FeedChange(store(), device, section, next, kStart + step);
      ASSERT_EQ(result.outcome(), v1::APPLIED) << section << " step " << step << ": " << result.message();
      model = next;
      held = true;
      ASSERT_EQ(store().SectionRows(device, section).value(), model) << section << " step " << step;
      ASSERT_EQ(AskOne(store(), "SELECT digest FROM section WHERE section = :s", {{"s", section}}),
                Hex(DigestRows(model)));
      ASSERT_TRUE(CheckInOk(store(), device, {{section, model}}, kStart + step).empty());
      if (step % 20 == 19) Reopen();
    }
  }
}

TEST_P(HistoryTest, PartialReportsOnlyEverAdd) {
  Random random(7);
  const std::string device = DeviceId(1);
  EnrolDevice(store(), device, "a", kStart);
  std::map<int, std::string> model;
  for (int step = 0; step < 40; ++step) {
    const auto seen = RandomRows("listeners", random);
    const auto result = FeedSection(store(), device, "listeners", Values(seen), kStart + step, v1::PARTIAL);
    for (const auto& [key, row] : seen) model.insert_or_assign(key, row);
    const bool same = Values(model) == Values(seen);
    ASSERT_EQ(result.outcome(), same ? v1::APPLIED : v1::MERGED) << step;
    ASSERT_EQ(store().SectionRows(device, "listeners").value(), Values(model)) << step;
  }
}

// At every moment of the past, the rows that then held are those that had been reported: by section, in the views and
// in scans. Several reports may come within a second; then the last one held.
TEST_P(HistoryTest, EveryMomentOfThePastCanBeAsked) {
  const std::string device = DeviceId(1);
  EnrolDevice(store(), device, "a", kStart);
  for (const std::string section : {"software", "accounts", "listeners"}) {
    Random random(3);
    std::map<UnixTime, Rows> reported = {{kStart - 10, {}}};
    for (int step = 0; step < 30; ++step) {
      const UnixTime at = kStart + step / 2 * 3;
      reported[at] = Values(RandomRows(section, random));
      ASSERT_EQ(FeedSection(store(), device, section, reported[at], at).outcome(), v1::APPLIED);
    }
    for (const auto& [at, rows] : reported) {
      ASSERT_EQ(store().SectionRows(device, section, at).value(), rows) << section << " at " << at - kStart;
      ASSERT_EQ(store().SectionRows(device, section, at + 1).value(), rows) << "and a second later";
      if (section != "software") continue;
      EXPECT_EQ(AskOne(store(),
                       "SELECT count(*) FROM installation_history WHERE valid_from <= :at "
                       "AND (valid_to IS NULL OR valid_to > :at)",
                       {{"at", at}}),
                std::to_string(rows.size()));
      std::size_t scanned = 0;
      ASSERT_TRUE(store().ScanSoftware({.device_id = device, .items = {}, .at = at, .limit_ms = {}},
                                       [&](const Installation&) { return ++scanned > 0; }));
      EXPECT_EQ(scanned, rows.size());
    }
  }
  const auto proved = store().Verify([](auto, auto) { return true; });
  EXPECT_TRUE(proved) << proved.error().message;
}

TEST_P(HistoryTest, ClockThatWasSetBackLeavesAPastThatCanBeProved) {
  EnrolDevice(store(), DeviceId(1), "a", kStart);
  Random random(5);
  Rows last;
  for (const int minute : {0, 10, 5, 5, 20, -30, 15}) {
    last = Values(RandomRows("accounts", random));
    ASSERT_EQ(FeedSection(store(), DeviceId(1), "accounts", last, kStart + minute * 60).outcome(), v1::APPLIED);
    EXPECT_EQ(store().SectionRows(DeviceId(1), "accounts").value(), last);
  }
  const auto proved = store().Verify([](auto, auto) { return true; });
  EXPECT_TRUE(proved) << proved.error().message;
}

INSTANTIATE_TEST_SUITE_P(Stores, HistoryTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
