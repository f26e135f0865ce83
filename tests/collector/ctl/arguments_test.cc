#include "collector/ctl/arguments.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <map>
#include <set>

#include "collector/ctl/texts.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {
namespace {

TEST(Texts, EveryTextHasTheSamePlacesInBothLanguages) {
  const auto places = [](std::string_view text) {
    std::set<std::string> found;
    for (std::size_t i = 0; i + 2 < text.size(); ++i) {
      if (text[i] == '{' && text[i + 2] == '}') found.emplace(text.substr(i, 3));
    }
    return found;
  };
  for (std::size_t i = 0; i < static_cast<std::size_t>(Text::kCount); ++i) {
    const auto text = static_cast<Text>(i);
    const std::string_view ja = Say(Language::kJapanese, text);
    const std::string_view en = Say(Language::kEnglish, text);
    EXPECT_FALSE(ja.empty()) << i;
    EXPECT_FALSE(en.empty()) << i;
    EXPECT_TRUE(IsUtf8(ja)) << i;
    EXPECT_EQ(places(ja), places(en)) << ja << " | " << en;
  }
}

TEST(Texts, OneThingHasOneJapaneseWord) {
  for (std::size_t i = 0; i < static_cast<std::size_t>(Text::kCount); ++i) {
    const std::string_view ja = Say(Language::kJapanese, static_cast<Text>(i));
    for (const char* other : {"最終利用", "最終ログオン", "許容", "保留", "コレクタ"}) {
      EXPECT_EQ(ja.find(other), std::string_view::npos) << ja;
    }
  }
}

TEST(Texts, AValueIsNotTakenForAPlace) { EXPECT_EQ(Say(Language::kEnglish, Text::kUseFrom, {"{1}", "x"}), "{1} (x)"); }

TEST(Texts, AnUnknownWordIsShownAsItIs) {
  EXPECT_EQ(Word(Language::kJapanese, "high"), "高");
  EXPECT_EQ(Word(Language::kJapanese, "new-word"), "new-word");
  EXPECT_EQ(Word(Language::kEnglish, "high"), "high");
}

TEST(Validity, TakesSecondsMinutesHoursAndDays) {
  const std::map<std::string, std::uint32_t> good = {
      {"60s", 60}, {"30m", 1800}, {"24h", 86400}, {"7d", 604800}, {"30d", 2592000}};
  for (const auto& [text, seconds] : good) {
    const auto parsed = ParseValidity(text, Language::kEnglish);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, seconds);
  }
  for (const char* bad : {"", "h", "24", "59s", "31d", "-1h", "1.5h", "24 h", "4294967295d", "1w"}) {
    const auto parsed = ParseValidity(bad, Language::kEnglish);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
  }
}

TEST(Until, ADateReachesToTheEndOfThatDayHere) {
  ::setenv("TZ", "JST-9", 1);
  ::tzset();
  const UnixTime now = *ParseTime("2026-04-01T00:00:00Z");
  EXPECT_EQ(*ParseUntil("2026-04-01", now, Language::kEnglish), *ParseTime("2026-04-01T23:59:59+09:00"));
  EXPECT_EQ(*ParseUntil("2026-12-31", now, Language::kEnglish), *ParseTime("2026-12-31T23:59:59+09:00"));
  EXPECT_EQ(*ParseUntil("2026-04-02T12:00:00Z", now, Language::kEnglish), *ParseTime("2026-04-02T12:00:00Z"));
  for (const char* bad : {"2026-03-31", "tomorrow", "2026-02-30", ""}) {
    EXPECT_FALSE(ParseUntil(bad, now, Language::kEnglish)) << bad;
  }
}

TEST(LanguageChoice, OptionThenLocaleThenEnglish) {
  struct Case {
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    Language wanted;
  };
  const Case cases[] = {
      {{}, {}, Language::kEnglish},
      {{}, {{"LANG", "ja_JP.UTF-8"}}, Language::kJapanese},
      {{}, {{"LC_ALL", "C"}, {"LANG", "ja_JP.UTF-8"}}, Language::kEnglish},
      {{}, {{"LC_MESSAGES", "ja_JP.UTF-8"}, {"LANG", "C"}}, Language::kJapanese},
      {{"devices", "--lang", "ja"}, {{"LANG", "C"}}, Language::kJapanese},
      {{"--lang=en", "devices"}, {{"LANG", "ja_JP.UTF-8"}}, Language::kEnglish},
      {{"--lang", "fr"}, {{"LANG", "ja_JP.UTF-8"}}, Language::kJapanese},
  };
  for (const Case& one : cases) {
    const Environment environment = [&](const std::string& name) {
      const auto found = one.environment.find(name);
      return found == one.environment.end() ? std::string() : found->second;
    };
    EXPECT_EQ(ChooseLanguage(one.arguments, environment), one.wanted);
  }
}

TEST(AgeText, RoundsDownAndNeverIsNegative) {
  EXPECT_EQ(Age(0, 100, Language::kEnglish), "");
  EXPECT_EQ(Age(200, 100, Language::kEnglish), "0 s ago");
  EXPECT_EQ(Age(1000, 1000 + 119, Language::kEnglish), "1 min ago");
  EXPECT_EQ(Age(1000, 1000 + 47 * 3600, Language::kJapanese), "47時間前");
  EXPECT_EQ(Age(1000, 1000 + 49 * 3600, Language::kJapanese), "2日前");
}

}  // namespace
}  // namespace daicho::collector
