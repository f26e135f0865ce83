#include "collector/store/set_codec.h"

#include <gtest/gtest.h>

#include <random>

namespace daicho::collector {
namespace {

TEST(Items, ComeBackWhateverTheyAre) {
  const std::vector<std::vector<ItemId>> cases = {{}, {1}, {0xffffffff}, {1, 2, 3}, {5, 300, 70'000, 0xffffffff}};
  for (const auto& ids : cases) EXPECT_EQ(DecodeItems(EncodeItems(ids)), ids);
}

TEST(Items, NeighboursTakeAByteEach) {
  EXPECT_EQ(EncodeItems(std::vector<ItemId>{1, 2, 3}), std::string("\x01\x01\x01"));
}

TEST(Items, DamagedBlobsAreRefused) {
  using namespace std::string_literals;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"number cut off", "\x80"s},
      {"same item twice", "\x05\x00"s},
      {"item zero", "\x00"s},
      {"over 32 bits", "\xff\xff\xff\xff\x1f"s},
      {"sum over 32 bits", "\xff\xff\xff\xff\x0f\x01"s},
      {"padded number", "\x81\x00"s},
  };
  for (const auto& [name, blob] : cases) {
    const auto ids = DecodeItems(blob);
    ASSERT_FALSE(ids) << name;
    EXPECT_EQ(ids.error().code, Code::kDataLoss) << name;
  }
}

TEST(Tails, ComeBackWhateverTheyAre) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> tails(random() % 30);
    for (std::string& tail : tails) {
      tail.resize(random() % (round % 7 == 0 ? 1 : 12));
      for (char& c : tail) c = static_cast<char>(random());
    }
    const std::vector<std::string_view> views(tails.begin(), tails.end());
    const std::string blob = EncodeTails(views);
    EXPECT_EQ(DecodeTails(blob, tails.size()), tails);
    for (std::size_t i = 0; i < tails.size(); ++i) EXPECT_EQ(DecodeTail(blob, tails.size(), i), tails[i]);
    EXPECT_FALSE(DecodeTail(blob, tails.size(), tails.size()));
  }
}

TEST(Tails, NoneAtAllIsTheEmptyBlob) { EXPECT_EQ(EncodeTails(std::vector<std::string_view>(100)), ""); }

TEST(Tails, DamagedBlobsAreRefused) {
  const std::string good = EncodeTails(std::vector<std::string_view>{"abc", "de", ""});
  for (std::size_t size = 1; size < good.size(); ++size) EXPECT_FALSE(DecodeTails(good.substr(0, size), 3)) << size;
  EXPECT_FALSE(DecodeTails(good, 2)) << "another number of items";
  EXPECT_FALSE(DecodeTails(good, 50)) << "another number of items";
  EXPECT_FALSE(DecodeTails("no zstd frame", 3));
}

ItemTails RandomSet(std::mt19937& random) {
  ItemTails set;
  for (ItemId id = 1; id < 40; ++id) {
    if (random() % 3 == 0) continue;
    set.ids.push_back(id);
    set.tails.push_back(std::string(random() % 2, 'a') + std::to_string(random() % 3));
  }
  return set;
}

TEST(Patch, GivesTheTailsOfTheLaterSet) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    const ItemTails base = RandomSet(random);
    const ItemTails later = RandomSet(random);
    const std::vector<std::string_view> tails(later.tails.begin(), later.tails.end());
    EXPECT_EQ(ApplyPatch(EncodePatch(later.ids, tails, base), later.ids, base), later.tails);
  }
}

TEST(Patch, OfTheSameTailsIsAByte) {
  const ItemTails base{{3, 4, 9}, {"a", "b", ""}};
  const std::vector<std::string_view> tails(base.tails.begin(), base.tails.end());
  EXPECT_EQ(EncodePatch(base.ids, tails, base).size(), 1u);
}

TEST(Recode, GivesWhatTheOtherEngineWouldHaveWritten) {
  const ItemTails base{{1, 2, 3}, {"aa", "bb", ""}};
  const std::vector<ItemId> ids = {1, 3, 9};
  const std::vector<std::vector<std::string_view>> cases = {
      {"aa", "", "n"}, {"x", "y", "z"}, {"aa", "", ""}, {"", "", ""}};
  for (const auto& tails : cases) {
    EXPECT_EQ(RecodeTails(EncodeTails(tails), TailCoding::kPlain), EncodeTails(tails, TailCoding::kPlain));
    EXPECT_EQ(RecodeTails(EncodeTails(tails, TailCoding::kPlain), TailCoding::kZstd), EncodeTails(tails));
    EXPECT_EQ(RecodePatch(EncodePatch(ids, tails, base), TailCoding::kPlain),
              EncodePatch(ids, tails, base, TailCoding::kPlain));
  }
  EXPECT_FALSE(RecodePatch("", TailCoding::kPlain));
  EXPECT_FALSE(RecodePatch("\x05", TailCoding::kPlain));
  EXPECT_FALSE(RecodeTails("no frame", TailCoding::kPlain));
}

TEST(Patch, DamagedOnesAreRefused) {
  const ItemTails base{{1, 2}, {"a", "b"}};
  const std::vector<ItemId> ids = {1, 2, 3};
  const std::string good = EncodePatch(ids, std::vector<std::string_view>{"a", "x", "y"}, base);
  EXPECT_TRUE(ApplyPatch(good, ids, base));
  for (std::size_t size = 0; size < good.size(); ++size) {
    if (size == 3) continue;  // count and places alone are a patch of empty tails
    EXPECT_FALSE(ApplyPatch(good.substr(0, size), ids, base)) << size;
  }
  EXPECT_FALSE(ApplyPatch(good, std::vector<ItemId>{1, 2}, base)) << "places past the set";
  EXPECT_FALSE(ApplyPatch(good, std::vector<ItemId>{1, 2, 3, 7}, base)) << "an item in neither";
}

}  // namespace
}  // namespace daicho::collector
