#include "collector/reports/render.h"

#include <gtest/gtest.h>

namespace daicho::collector {
namespace {

Table Example() {
  return {.title_ja = "表",
          .title_en = "Table",
          .columns = {{"name", "名称", "Name"}, {"count", "件数", "Count"}, {"at", "日時", "Time"}},
          .rows = {{std::string("電子カルテ, \"本館\""), std::int64_t{-3}, Time{1'775'001'600}},
                   {std::string("two\nlines"), std::monostate(), std::monostate()},
                   {std::monostate(), std::int64_t{0}, std::monostate()}}};
}

std::string CsvOf(const std::string& text) {
  const Table table{.title_ja = "", .title_en = "", .columns = {{"a", "a", "a"}}, .rows = {{text}}};
  std::string csv = RenderCsv(table, Language::kEnglish, kDefaultZone);
  return csv.substr(3 + 3, csv.size() - 3 - 3 - 2);  // byte order mark, header line, end of line
}

TEST(Csv, IsUtf8WithByteOrderMarkCrlfAndQuotes) {
  EXPECT_EQ(*RenderTable(Example(), "csv", Language::kJapanese),
            "\xef\xbb\xbf名称,件数,日時\r\n"
            "\"電子カルテ, \"\"本館\"\"\",-3,2026-04-01 09:00:00\r\n"
            "two lines,,\r\n"
            ",0,\r\n");
}

TEST(Csv, HeadersFollowTheLanguageAndTimesTheZone) {
  EXPECT_EQ(RenderTable(Example(), "csv", Language::kEnglish, "Europe/Berlin")->substr(3, 58),
            "Name,Count,Time\r\n\"電子カルテ, \"\"本館\"\"\",-3,2026-04-");
  EXPECT_NE(RenderTable(Example(), "csv", Language::kEnglish, "Europe/Berlin")->find("2026-04-01 02:00:00"),
            std::string::npos);
}

TEST(Csv, FormulasAreDisarmed) {
  EXPECT_EQ(CsvOf("=1+1"), "'=1+1");
  EXPECT_EQ(CsvOf("+81-3"), "'+81-3");
  EXPECT_EQ(CsvOf("-rf"), "'-rf");
  EXPECT_EQ(CsvOf("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(CsvOf("\t=1"), "' =1");
  EXPECT_EQ(CsvOf("\r=1"), "' =1");
  EXPECT_EQ(CsvOf("＝１"), "'＝１");
  EXPECT_EQ(CsvOf("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
  EXPECT_EQ(CsvOf("a=b"), "a=b");
}

TEST(Csv, BytesThatAreNoTextAreMadeVisible) {
  EXPECT_EQ(CsvOf("a\x1b[31m"), "a [31m");
  EXPECT_EQ(CsvOf("\xff"), "\xef\xbf\xbd");
}

TEST(JsonLines, HaveOneObjectARowAndLeaveUnknownOut) {
  EXPECT_EQ(*RenderTable(Example(), "json", Language::kJapanese),
            "{\"name\":\"電子カルテ, \\\"本館\\\"\",\"count\":-3,\"at\":\"2026-04-01T00:00:00Z\"}\n"
            "{\"name\":\"two\\nlines\"}\n"
            "{\"count\":0}\n");
}

TEST(JsonLines, OfAnEmptyTableAreNothing) {
  Table table = Example();
  table.rows.clear();
  EXPECT_EQ(*RenderTable(table, "json", Language::kJapanese), "");
}

TEST(Format, UnknownOneListsTheValid) {
  const auto rendered = RenderTable(Example(), "xlsx", Language::kJapanese);
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().message, "no format 'xlsx'; valid: csv, json");
  EXPECT_EQ(ParseLanguage("ja").value(), Language::kJapanese);
  EXPECT_EQ(ParseLanguage("en").value(), Language::kEnglish);
  EXPECT_EQ(ParseLanguage("fr").error().message, "'fr' is no language of the reports; valid: ja, en");
}

}  // namespace
}  // namespace daicho::collector
