#include "common/text.h"

#include <gtest/gtest.h>

#include <limits>

#include "common/exit_code.h"
#include "common/json.h"
#include "common/time_format.h"
#include "daicho/v1/admin.pb.h"
#include "daicho/v1/facts.pb.h"

namespace daicho {
namespace {

struct Width {
  const char* name;
  const char* text;
  std::size_t columns;
};

class DisplayWidths : public testing::TestWithParam<Width> {};

TEST_P(DisplayWidths, CountTerminalColumns) { EXPECT_EQ(DisplayWidth(GetParam().text), GetParam().columns); }

INSTANTIATE_TEST_SUITE_P(All, DisplayWidths,
                         testing::Values(Width{"Ascii", "daicho", 6}, Width{"Kanji", "台帳", 4},
                                         Width{"HalfwidthKatakana", "ﾀﾞｲﾁｮｳ", 6}, Width{"Fullwidth", "ＡＢ", 4},
                                         Width{"CombiningMark", "か\xe3\x82\x99", 2}, Width{"NotUtf8", "\xff\xfe", 2},
                                         Width{"RareKanji", "𠮷野家", 6}),
                         [](const auto& test) { return test.param.name; });

TEST(CutToWidth, NeverCutsAWideCharacterInHalf) {
  EXPECT_EQ(CutToWidth("医療情報", 8), "医療情報");
  EXPECT_EQ(CutToWidth("医療情報", 7), "医療情…");
  EXPECT_EQ(CutToWidth("医療情報", 6), "医療…");
  EXPECT_EQ(CutToWidth("医療", 1), "…");
  EXPECT_EQ(CutToWidth("医療", 0), "");
}

TEST(Utf8, RefusesOverlongFormsAndSurrogates) {
  EXPECT_TRUE(IsUtf8("田中 太郎"));
  for (const char* bad : {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80", "\xe5\x8f"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

TEST(CleanText, LeavesNothingThatMovesATerminal) {
  EXPECT_EQ(CleanText("a\x1b[31mb\r\n\xff"), "a [31mb  \xef\xbf\xbd");
  EXPECT_EQ(CleanText("田中"), "田中");
}

TEST(CutToBytes, EndsAtACharacterAndShowsThatSomethingIsMissing) {
  EXPECT_EQ(CutToBytes("abcdef", 6), "abcdef");
  EXPECT_EQ(CutToBytes("abcdefg", 6), "abc…");
  EXPECT_EQ(CutToBytes("田中太郎", 11), "田中…");
  EXPECT_EQ(CutToBytes("田中太郎", 3), "…");
}

TEST(NextLine, AcceptsCrLfAndAMissingLastNewline) {
  std::string_view text = "a\r\nb\n\nc";
  std::vector<std::string> lines;
  for (std::string_view line; NextLine(text, line);) lines.emplace_back(line);
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b", "", "c"}));
}

TEST(ParseUint32, TakesOnlyWholeNumbersThatFit) {
  EXPECT_EQ(ParseUint32("4294967295"), 4294967295u);
  for (const char* bad : {"", "4294967296", "-1", "1x", " 1", "+1"}) EXPECT_FALSE(ParseUint32(bad)) << bad;
}

TEST(Time, ReadsWhatItWrites) {
  for (const UnixTime time : {0LL, 951'782'400LL, 1'700'000'000LL, 4'102'444'800LL}) {
    const auto parsed = ParseTime(FormatTime(time));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(*parsed, time);
  }
  EXPECT_EQ(FormatTime(951'782'400), "2000-02-29T00:00:00Z");
  EXPECT_EQ(FormatTime(std::numeric_limits<UnixTime>::min()), "0001-01-01T00:00:00Z");
  EXPECT_EQ(FormatTime(std::numeric_limits<UnixTime>::max()), "9999-12-31T23:59:59Z");
  EXPECT_EQ(ParseTime("2026-04-01T09:00:00+09:00"), ParseTime("2026-04-01"));
  EXPECT_EQ(ParseTime("2026-04-01T00:00:00.123Z"), ParseTime("2026-04-01"));
}

TEST(Time, RefusesWhatIsNone) {
  for (const char* bad : {"", "2026", "2026-13-01", "2026-02-29", "2026-04-01T25:00:00Z", "2026-04-01T00:00:00",
                          "2026-04-01T00:00:00+9", "yesterday", "2026-04-01Tx"}) {
    const auto parsed = ParseTime(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_NE(parsed.error().message.find("2026-04-01"), std::string::npos);
  }
}

TEST(Json, LeavesOutWhatIsNotKnownAndKeepsWhatIsFalse) {
  v1::Account account;
  account.set_name("tanaka");
  account.set_enabled(false);
  account.mutable_last_use()->mutable_at()->set_seconds(1'700'000'000);
  account.mutable_last_use()->set_source("wtmp");
  EXPECT_EQ(ToJson(account), R"({"name":"tanaka","enabled":false,"admin_by":[],"groups":[],)"
                             R"("last_use":{"at":"2023-11-14T22:13:20Z","source":"wtmp"}})");
}

TEST(Json, PrintsZeroCountsMapsAndEnums) {
  v1::Finding finding;
  (*finding.mutable_evidence())["days"] = "90";
  EXPECT_NE(ToJson(finding).find(R"("evidence":{"days":"90"})"), std::string::npos) << ToJson(finding);
  v1::SectionState state;
  state.set_status(v1::OK);
  state.set_digest("\x01\xff");
  EXPECT_EQ(ToJson(state), R"({"status":"OK","issues":[],"issue_count":0,"digest":"01ff","row_count":0})");
}

TEST(Json, IsValidWhateverTheBytes) {
  std::string out;
  AppendJsonString("quote\" back\\ nl\n esc\x1b bad\xff 台", out);
  EXPECT_EQ(out, "\"quote\\\" back\\\\ nl\\n esc\\u001b bad\xef\xbf\xbd 台\"");
}

TEST(Json, EscapesAtBothEndsOfATextAndBetweenPlainRuns) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", R"("")"},
      {"plain", R"("plain")"},
      {"\"", R"("\"")"},
      {"\ttab\r", R"("\u0009tab\u000d")"},
      {"a\"\\b", R"("a\"\\b")"},
      {"del\x7f", R"("del\u007f")"},
      {"~台帳~", R"("~台帳~")"},
      {"\xe5\x8f", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
  };
  for (const auto& [text, json] : cases) {
    std::string out = "before";
    AppendJsonString(text, out);
    EXPECT_EQ(out, "before" + std::string(json));
  }
}

TEST(FillPlaces, LeavesWhatIsNoPlaceOrHasNoValue) {
  const std::string_view values[] = {"a", "{0}"};
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},       {"{0}", "a"},         {"{1} {0}", "{0} a"}, {"x{0}y{0}", "xaya"},
      {"{2}", "{2}"}, {"{x} {0", "{x} {0"}, {"{{0}}", "{a}"},     {"{0", "{0"},
  };
  for (const auto& [pattern, filled] : cases) EXPECT_EQ(FillPlaces(pattern, values), filled);
}

TEST(ExitCodes, FollowTheDocumentedNumbers) {
  EXPECT_EQ(static_cast<int>(ExitCodeFor(Code::kInvalidArgument)), 2);
  EXPECT_EQ(static_cast<int>(ExitCodeFor(Code::kUnavailable)), 3);
  EXPECT_EQ(static_cast<int>(ExitCodeFor(Code::kPermissionDenied)), 4);
  EXPECT_EQ(static_cast<int>(ExitCodeFor(Code::kDataLoss)), 5);
  EXPECT_EQ(static_cast<int>(ExitCodeFor(Code::kNotFound)), 1);
}

}  // namespace
}  // namespace daicho
