#include "tests/bench/fleet/fleet_facts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "common/sections.h"
#include "tests/bench/fleet/machine_facts.h"

namespace daicho::fleet {
namespace {

constexpr std::uint32_t kMachines = 50;

std::vector<v1::Software> Parsed(const Rows& rows) {
  std::vector<v1::Software> software(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_TRUE(software[i].ParseFromString(rows[i]));
  return software;
}

std::set<std::string> NamesOf(const Rows& rows) {
  std::set<std::string> names;
  for (const v1::Software& one : Parsed(rows)) names.insert(one.name());
  return names;
}

std::size_t OnlyInSecond(const Rows& first, const Rows& second) {
  Rows only;
  std::ranges::set_difference(second, first, std::back_inserter(only));
  return only.size();
}

TEST(FleetFacts, TwoRunsMakeTheSameRows) {
  const FleetFacts one({.seed = 7, .packages = 500});
  const FleetFacts other({.seed = 7, .packages = 500});
  for (const std::uint32_t machine : {0u, 3u, 49u}) {
    for (const std::uint32_t generation : {0u, 1u, 5u}) {
      const auto mine = one.StatesOf(machine, generation);
      const auto theirs = other.StatesOf(machine, generation);
      ASSERT_EQ(mine.size(), AllSections().size());
      for (std::size_t i = 0; i < mine.size(); ++i) {
        EXPECT_EQ(mine[i].SerializeAsString(), theirs[i].SerializeAsString()) << mine[i].name();
      }
    }
  }
}

TEST(FleetFacts, AnotherSeedIsAnotherFleet) {
  const FleetFacts one({.seed = 1, .packages = 500});
  const FleetFacts other({.seed = 2, .packages = 500});
  EXPECT_NE(*one.RowsOf(kSoftware, 0, 0), *other.RowsOf(kSoftware, 0, 0));
  EXPECT_NE(*one.RowsOf(kSoftware, 4, 0), *other.RowsOf(kSoftware, 4, 0));
}

// A digest that moves means that machines enrolled by an earlier build no longer know what they had sent.
TEST(FleetFacts, DigestsStayWhatTheyAre) {
  const FleetFacts facts({.seed = 1, .packages = 200});
  EXPECT_EQ(Hex(DigestRows(*facts.RowsOf(kSoftware, 0, 0))).substr(0, 16), "cf1fb358f231729a");
  EXPECT_EQ(Hex(DigestRows(*facts.RowsOf(kSoftware, 3, 2))).substr(0, 16), "42eaf35d4b7b3833");
  EXPECT_EQ(Hex(DigestRows(*facts.RowsOf("accounts", 3, 0))).substr(0, 16), "6f1281da80a8edab");
}

TEST(FleetFacts, EveryRowIsOneThatACollectorTakes) {
  const FleetFacts facts({.seed = 1, .packages = 5000});  // more than there are real names
  for (const SectionType& type : AllSections()) {
    const auto rows = facts.RowsOf(type.name, 3, 1);
    EXPECT_TRUE(RowsAreOrdered(*rows));
    std::set<std::string> keys;
    for (const std::string& row : *rows) {
      const auto message = ParseRow(type, row);
      ASSERT_TRUE(message) << message.error().message;
      EXPECT_TRUE(keys.insert(RowKey(type, **message)).second) << type.name;
      EXPECT_TRUE(SplitRowBytes(row));
      EXPECT_EQ(RowBytes(**message), row) << "not as an agent would write it";
    }
  }
  EXPECT_EQ(facts.RowsOf(kSoftware, 3, 1)->size(), 5000u);
  EXPECT_EQ(facts.RowsOf("accounts", 3, 1)->size(), kAccounts);
}

TEST(FleetFacts, SharesAreAsPromised) {
  const FleetSpec spec{.seed = 1, .packages = 2000};
  const FleetFacts facts(spec);
  const InstalledSoftware software(spec);
  std::map<std::string, int> machines_with;
  std::set<Rows> images;
  std::uint32_t golden = 0;
  for (std::uint32_t machine = 0; machine < kMachines; ++machine) {
    const auto rows = facts.RowsOf(kSoftware, machine, 0);
    ASSERT_EQ(rows->size(), 2000u);
    images.insert(*rows);
    if (*rows == *facts.RowsOf(kSoftware, 0, 0)) ++golden;
    const std::vector<v1::Software> parsed = Parsed(*rows);
    const auto in_variant = [](const v1::Software& one) { return one.version().find("~bpo11+") != std::string::npos; };
    EXPECT_EQ(std::ranges::count_if(parsed, in_variant), 200);
    for (const std::string& name : NamesOf(*rows)) ++machines_with[name];
  }
  EXPECT_EQ(golden, kMachines * 3 / 10);
  EXPECT_EQ(images.size(), kMachines - golden + 1) << "all others differ";
  EXPECT_EQ(software.common(), 1400u);
  const auto everywhere = std::ranges::count_if(machines_with, [](const auto& one) { return one.second == kMachines; });
  EXPECT_EQ(everywhere, 1400);
  EXPECT_EQ(machines_with.size(), 1400u + 2100u) << "the rest comes from a pool";
}

TEST(FleetFacts, EachGenerationUpgradesOnePercent) {
  for (const auto& [packages, upgraded] : {std::pair{2000u, 20u}, {200u, 2u}, {50u, 1u}}) {
    const FleetFacts facts({.seed = 1, .packages = packages});
    for (const std::uint32_t machine : {0u, 9u}) {
      // Long enough that packages have their second turn.
      for (std::uint32_t generation = 0; generation < 120; ++generation) {
        const auto before = facts.RowsOf(kSoftware, machine, generation);
        const auto after = facts.RowsOf(kSoftware, machine, generation + 1);
        ASSERT_EQ(OnlyInSecond(*before, *after), upgraded) << "generation " << generation + 1;
        ASSERT_EQ(NamesOf(*before), NamesOf(*after));
      }
    }
  }
}

TEST(FleetFacts, ADeltaIsTheUpgradesAndApplies) {
  const FleetFacts facts({.seed = 1, .packages = 2000});
  const v1::SectionDelta delta = facts.SoftwareChange(9, 0, 1);
  EXPECT_EQ(delta.added_size(), 20);
  EXPECT_EQ(delta.removed_size(), 20);
  const auto before = facts.RowsOf(kSoftware, 9, 0);
  const auto rows = ApplyDelta(ViewRows(*before), delta);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(CopyRows(*rows), *facts.RowsOf(kSoftware, 9, 1));
}

TEST(FleetFacts, CopiesOfTheGoldenImageStayCopiesButAreDifferentMachines) {
  const FleetFacts facts({.seed = 1, .packages = 200});
  EXPECT_EQ(facts.RowsOf(kSoftware, 0, 3), facts.RowsOf(kSoftware, 12, 3));
  EXPECT_NE(*facts.RowsOf("os", 0, 3), *facts.RowsOf("os", 12, 3));
  EXPECT_NE(*facts.RowsOf("hardware", 0, 3), *facts.RowsOf("hardware", 12, 3));
}

}  // namespace
}  // namespace daicho::fleet
