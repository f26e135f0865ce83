#include "collector/reports/render.h"

#include <gtest/gtest.h>

namespace daicho::collector {
namespace {

Table Example() {
  return {{.title_ja = "表",
           .title_en = "Table",
           .columns = {{"name", "名称", "Name"}, {"count", "件数", "Count"}, {"at", "日時", "Time"}}},
          {{std::string("電子カルテ, \"本館\""), std::int64_t{-3}, Time{1'775'001'600}},
           {std::string("two\nlines"), std::monostate(), std::monostate()},
           {std::monostate(), std::int64_t{0}, std::monostate()}}};
}

// The file of a table; the size of every piece of it goes to `pieces` as well.
Result<std::string> Render(const Table& table, std::string_view format, Language language,
                           std::string_view zone = kDefaultZone, std::vector<std::size_t>* pieces = nullptr) {
  std::string file;
  const auto renderer = MakeRenderer(format, language, zone, [&](std::string_view piece) -> Status {
    file += piece;
    if (pieces != nullptr) pieces->push_back(piece.size());
    return {};
  });
  if (!renderer) return std::unexpected(renderer.error());
  (*renderer)->Begin(table);
  for (const auto& row : table.rows) EXPECT_TRUE(AddCells(**renderer, row));
  if (auto finished = (*renderer)->Finish(); !finished) return std::unexpected(finished.error());
  EXPECT_EQ((*renderer)->rows(), table.rows.size());
  return file;
}

std::string CsvOf(const std::string& text) {
  const Table table{{.title_ja = "", .title_en = "", .columns = {{"a", "a", "a"}}}, {{text}}};
  const std::string csv = Render(table, "csv", Language::kEnglish).value();
  return csv.substr(3 + 3, csv.size() - 3 - 3 - 2);  // byte order mark, header line, end of line
}

TEST(Csv, IsUtf8WithByteOrderMarkCrlfAndQuotes) {
  EXPECT_EQ(*Render(Example(), "csv", Language::kJapanese),
            "\xef\xbb\xbf名称,件数,日時\r\n"
            "\"電子カルテ, \"\"本館\"\"\",-3,2026-04-01 09:00:00\r\n"
            "two lines,,\r\n"
            ",0,\r\n");
}

TEST(Csv, HeadersFollowTheLanguageAndTimesTheZone) {
  EXPECT_EQ(Render(Example(), "csv", Language::kEnglish, "Europe/Berlin")->substr(3, 58),
            "Name,Count,Time\r\n\"電子カルテ, \"\"本館\"\"\",-3,2026-04-");
  EXPECT_NE(Render(Example(), "csv", Language::kEnglish, "Europe/Berlin")->find("2026-04-01 02:00:00"),
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

// What is the same as in the row before is not made anew.
TEST(Csv, CellsAreTheirOwnAndNotThoseOfTheRowBefore) {
  Table table{{.title_ja = "", .title_en = "", .columns = {{"a", "a", "a"}, {"b", "b", "b"}}}, {}};
  for (const char* text : {"検査室", "検査室", "a,b", "検査", "", "x", "検査", "\xff", "=漢", "=漢"}) {
    table.rows.push_back({std::string(text), std::string("検査室")});
  }
  EXPECT_EQ(Render(table, "csv", Language::kEnglish)->substr(3),
            "a,b\r\n検査室,検査室\r\n検査室,検査室\r\n\"a,b\",検査室\r\n検査,検査室\r\n,検査室\r\nx,検査室\r\n"
            "検査,検査室\r\n\xef\xbf\xbd,検査室\r\n'=漢,検査室\r\n'=漢,検査室\r\n");
}

TEST(Csv, BytesThatAreNoTextAreMadeVisible) {
  EXPECT_EQ(CsvOf("a\x1b[31m"), "a [31m");
  EXPECT_EQ(CsvOf("\xff"), "\xef\xbf\xbd");
}

TEST(JsonLines, HaveOneObjectARowAndLeaveUnknownOut) {
  EXPECT_EQ(*Render(Example(), "json", Language::kJapanese),
            "{\"name\":\"電子カルテ, \\\"本館\\\"\",\"count\":-3,\"at\":\"2026-04-01T00:00:00Z\"}\n"
            "{\"name\":\"two\\nlines\"}\n"
            "{\"count\":0}\n");
}

TEST(JsonLines, OfAnEmptyTableAreNothing) {
  Table table = Example();
  table.rows.clear();
  EXPECT_EQ(*Render(table, "json", Language::kJapanese), "");
}

Table Long(std::size_t rows) {
  Table table{{.title_ja = "", .title_en = "", .columns = {{"a", "a", "a"}}}, {}};
  for (std::size_t i = 0; i < rows; ++i) table.rows.push_back({std::string(1000, 'x')});
  return table;
}

TEST(Pieces, HaveOneSizeAllButTheLast) {
  for (const char* format : {"csv", "json"}) {
    std::vector<std::size_t> pieces;
    const auto file = Render(Long(1000), format, Language::kEnglish, kDefaultZone, &pieces);
    ASSERT_GT(pieces.size(), 2u);
    const std::size_t last = pieces.back();
    pieces.pop_back();
    EXPECT_EQ(pieces, std::vector<std::size_t>(pieces.size(), kPieceBytes)) << format;
    EXPECT_EQ(pieces.size() * kPieceBytes + last, file->size());
    EXPECT_LE(last, kPieceBytes);
  }
}

TEST(Pieces, OfOneRowMayBeMany) {
  Table table = Long(0);
  table.rows.push_back({std::string(kPieceBytes * 3, 'x')});
  std::vector<std::size_t> pieces;
  EXPECT_EQ(Render(table, "csv", Language::kEnglish, kDefaultZone, &pieces)->size(), kPieceBytes * 3 + 8);
  EXPECT_EQ(pieces, (std::vector<std::size_t>{kPieceBytes, kPieceBytes, kPieceBytes, 8}));
}

// The disk is full, or whoever asked went away.
TEST(Pieces, ThatCannotBeWrittenEndTheTable) {
  int pieces = 0;
  const auto renderer = MakeRenderer("csv", Language::kEnglish, kDefaultZone, [&](std::string_view) -> Status {
    return ++pieces < 2 ? Status() : Fail(Code::kResourceExhausted, "full");
  });
  const Table table = Long(10'000);
  (*renderer)->Begin(table);
  std::size_t rows = 0;
  while (rows < table.rows.size() && AddCells(**renderer, table.rows[rows])) ++rows;
  EXPECT_EQ(rows, 2 * kPieceBytes / 1002);
  EXPECT_EQ((*renderer)->Finish().error().message, "full");
  EXPECT_EQ(pieces, 2);
}

TEST(Format, UnknownOneListsTheValid) {
  const auto rendered = Render(Example(), "xlsx", Language::kJapanese);
  ASSERT_FALSE(rendered);
  EXPECT_EQ(rendered.error().message, "no format 'xlsx'; valid: csv, json");
  EXPECT_EQ(ParseLanguage("ja").value(), Language::kJapanese);
  EXPECT_EQ(ParseLanguage("en").value(), Language::kEnglish);
  EXPECT_EQ(ParseLanguage("fr").error().message, "'fr' is no language of the reports; valid: ja, en");
}

}  // namespace
}  // namespace daicho::collector
