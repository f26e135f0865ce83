#include "collector/ctl/refusals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "common/text.h"

namespace daicho::collector {
namespace {

struct RefusalCase {
  const char* name;
  const char* english;
  const char* japanese;
};

class InJapanese : public ::testing::TestWithParam<RefusalCase> {};

TEST_P(InJapanese, HasTheValuesOfTheEnglishSentence) {
  EXPECT_EQ(Refusal(Language::kJapanese, GetParam().english), GetParam().japanese);
  EXPECT_EQ(Refusal(Language::kEnglish, GetParam().english), GetParam().english);
}

INSTANTIATE_TEST_SUITE_P(
    Sentences, InJapanese,
    ::testing::Values(
        RefusalCase{"WithoutValues", "name a device by id or host name",
                    "機器は、機器IDかホスト名で指定してください。"},
        RefusalCase{
            "WithSeveral", "this needs the role admin; sato has the role viewer",
            "この操作には admin の権限が必要ですが、sato の権限は viewer です。権限のある管理者に依頼してください。"},
        RefusalCase{"ValueAtTheEnd", "the call cannot be journaled, so it is not done: l.sqlite: disk full",
                    "監査記録を書けないため、実行しませんでした: l.sqlite: disk full"},
        RefusalCase{"ValueThatIsEmpty", "only a SELECT on the documented views is allowed",
                    "実行できるのは、公開ビューへの SELECT 文だけです"},
        RefusalCase{"ValueThatLooksLikeThePattern",
                    "finding 'x' is resolved; nothing to waive' is resolved; nothing to waive",
                    "指摘 x' is resolved; nothing to waive は解消済みなので、例外登録はできません。"},
        RefusalCase{"ValueThatLooksLikeAPlace", "finding {1} is not waived", "指摘 {1} は例外登録されていません。"},
        RefusalCase{"UnknownSentence", "the tide is out", "the tide is out"},
        RefusalCase{"LongerThanThePattern", "name a device by id or host name, please",
                    "name a device by id or host name, please"},
        RefusalCase{"ShorterThanThePattern", "finding x is not", "finding x is not"}, RefusalCase{"Nothing", "", ""}),
    [](const auto& made) { return std::string(made.param.name); });

// All that the collector's sources say, literals that stand one behind the other joined.
std::string SourcesOfTheCollector() {
  std::string all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(DAICHO_SOURCE "/collector")) {
    const bool is_its_own = entry.path().extension() == ".cc" && entry.path().parent_path().filename() != "ctl";
    if (!is_its_own) continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    all += std::regex_replace(text.str(), std::regex("\"\\s*\\n\\s*\""), "") + "\n";
  }
  return all;
}

// The words of a sentence between its places.
std::vector<std::string> WordsOf(std::string_view sentence) {
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < sentence.size(); ++i) {
    if (IsPlace(sentence, i)) {
      words.emplace_back();
      i += 2;
    } else {
      words.back() += sentence[i];
    }
  }
  return words;
}

// Reworded on one side alone, a sentence would fall back to English in silence.
TEST(RefusalSentences, AreWhatTheCollectorSays) {
  const std::string sources = SourcesOfTheCollector();
  ASSERT_GT(sources.size(), 100'000U);
  for (const RefusalSentence& sentence : RefusalSentences()) {
    for (const std::string& words : WordsOf(sentence.en)) {
      EXPECT_NE(sources.find(words), std::string::npos) << sentence.en << "\nhas: " << words;
    }
  }
}

TEST(RefusalSentences, AreEachFoundAndHaveAllTheirValues) {
  for (const RefusalSentence& sentence : RefusalSentences()) {
    EXPECT_EQ(Refusal(Language::kJapanese, sentence.en), sentence.ja) << "another sentence stands before it";
    EXPECT_EQ(std::ranges::count(sentence.ja, '{'), std::ranges::count(sentence.en, '{')) << sentence.en;
  }
}

}  // namespace
}  // namespace daicho::collector
