#include "collector/reports/terminal.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <random>

#include "common/text.h"

namespace daicho::collector {
namespace {

class Terminal : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "JST-9", 1);
    ::tzset();
  }
};

Table Devices() {
  return {{.title_ja = "",
           .title_en = "",
           .columns = {{"hostname", "ホスト名", "Host"},
                       {"last_seen", "最終確認", "Last seen"},
                       {"open_findings", "指摘", "Findings"},
                       {"os", "OS", "OS"}}},
          {{"検査室-PC1", Time{1767225600}, std::int64_t{3}, "Debian GNU/Linux 12 (bookworm)"},
           {"web-01", {}, std::int64_t{120}, "Debian GNU/Linux 11 (bullseye)"}}};
}

TEST_F(Terminal, AlignsJapaneseByDisplayWidth) {
  EXPECT_EQ(RenderTerminal(Devices(), Language::kJapanese, 0),
            "ホスト名    最終確認          指摘  OS\n"
            "----------  ----------------  ----  ------------------------------\n"
            "検査室-PC1  2026-01-01 09:00     3  Debian GNU/Linux 12 (bookworm)\n"
            "web-01                         120  Debian GNU/Linux 11 (bullseye)\n");
}

TEST_F(Terminal, WrapsTheLastTextColumnWhenTheTerminalIsNarrow) {
  EXPECT_EQ(RenderTerminal(Devices(), Language::kEnglish, 60),
            "Host        Last seen         Findings  OS\n"
            "----------  ----------------  --------  --------------------\n"
            "検査室-PC1  2026-01-01 09:00         3  Debian GNU/Linux 12\n"
            "                                        (bookworm)\n"
            "web-01                             120  Debian GNU/Linux 11\n"
            "                                        (bullseye)\n");
}

TEST_F(Terminal, ShortensTheWidestTextColumnFirst) {
  const Table table{{.title_ja = "",
                     .title_en = "",
                     .columns = {{"name", "名称", "Name"}, {"summary", "概要", "Summary"}, {"n", "数", "N"}}},
                    {{"openssl", "Secure Sockets Layer toolkit - cryptographic utility", std::int64_t{1}},
                     {"日本語の長い名前", "短い", std::int64_t{22}}}};
  EXPECT_EQ(RenderTerminal(table, Language::kEnglish, 40),
            "Name              Summary              N\n"
            "----------------  ------------------  --\n"
            "openssl           Secure Sockets La…   1\n"
            "日本語の長い名前  短い                22\n");
}

TEST_F(Terminal, BecomesOneFieldALineWhenNotEvenShortColumnsFit) {
  EXPECT_EQ(RenderTerminal(Devices(), Language::kJapanese, 40),
            "ホスト名: 検査室-PC1\n"
            "最終確認: 2026-01-01 09:00\n"
            "指摘: 3\n"
            "OS: Debian GNU/Linux 12 (bookworm)\n"
            "----------------------------------------\n"
            "ホスト名: web-01\n"
            "最終確認:\n"
            "指摘: 120\n"
            "OS: Debian GNU/Linux 11 (bullseye)\n");
}

TEST_F(Terminal, NeverCutsIdsNumbersAndTimes) {
  const std::string id = "0123456789abcdef0123456789abcdef";
  const Table table{{.title_ja = "",
                     .title_en = "",
                     .columns = {{"finding_id", "指摘ID", "Finding"}, {"text", "内容", "Text"}, {"t", "時刻", "Time"}}},
                    {{id, std::string(200, 'x'), Time{1767225600}}}};
  for (const std::size_t width : {40, 60, 80}) {
    const std::string shown = RenderTerminal(table, Language::kEnglish, width);
    EXPECT_NE(shown.find("2026-01-01 09:00"), std::string::npos) << shown;
    EXPECT_EQ(shown.find(id) != std::string::npos, width > id.size()) << shown;
  }
}

TEST_F(Terminal, ADeviceCannotSendEscapeSequences) {
  const Table table{
      {.title_ja = "\x1b[2J", .title_en = "\x1b]0;owned\x07", .columns = {{"a", "a\x1b", "a\tb"}, {"b", "b", "b"}}},
      {{"\x1b[31mred\n\r\x08",
        "\xc2\x9b"
        "31m\xff"}}};
  for (const std::size_t width : {0, 6, 80}) {
    for (const Language language : {Language::kJapanese, Language::kEnglish}) {
      std::string shown = RenderTerminal(table, language, width);
      std::erase(shown, '\n');
      EXPECT_EQ(shown, CleanText(shown));
    }
  }
}

TEST_F(Terminal, LeavesOutAnEmptyHeader) {
  const Table table{{.title_ja = "", .title_en = "Device", .columns = {{"label", "", ""}, {"value", "", ""}}},
                    {{"Host", "web-01"}, {"Kernel", "6.1.0"}}};
  EXPECT_EQ(RenderTerminal(table, Language::kEnglish, 80), "Device\nHost    web-01\nKernel  6.1.0\n");
}

TEST_F(Terminal, ShowsTheHeaderOfAnEmptyTable) {
  Table table = Devices();
  table.rows.clear();
  EXPECT_EQ(RenderTerminal(table, Language::kEnglish, 80),
            "Host  Last seen  Findings  OS\n----  ---------  --------  --\n");
}

TEST_F(Terminal, PutsANoteUnderTheRowsItBelongsTo) {
  const Table table{{.title_ja = "", .title_en = "", .columns = {{"name", "名称", "Name"}, {"n", "数", "N"}}},
                    {{"a", std::int64_t{1}}, {"b", std::int64_t{2}}, {"c", std::int64_t{3}}}};
  EXPECT_EQ(RenderTerminal(table, Language::kEnglish, 11, {"first \x1btwo", "first \x1btwo", "third"}),
            "Name  N\n----  -\na     1\nb     2\n  first\n  two\nc     3\n  third\n");
  EXPECT_EQ(RenderTerminal(table, Language::kEnglish, 0, {"", "second", ""}),
            "Name  N\n----  -\na     1\nb     2\n  second\nc     3\n");
}

TEST_F(Terminal, WrapsJapaneseWithoutAFullStopAtTheStartOfALine) {
  EXPECT_EQ(WrapToWidth("使われていないアカウントです。無効にする", 28),
            (std::vector<std::string>{"使われていないアカウントで", "す。無効にする"}));
  EXPECT_EQ(WrapToWidth("a bc defghijkl", 4), (std::vector<std::string>{"a bc", "defg", "hijk", "l"}));
  EXPECT_EQ(WrapToWidth("", 4), (std::vector<std::string>{""}));
  EXPECT_EQ(WrapToWidth("漢字", 1), (std::vector<std::string>{"…", "…"}));
}

std::string RandomText(std::mt19937& random) {
  static const std::vector<std::string> kPieces = {
      "a", "word ", "長い", "アカウント", "、", "\x1b[1m", "\n", "\t", "\xff", "が", "…", "\xf0\x9f\x96\xa5", "-", " "};
  std::string text;
  for (std::size_t n = random() % 12; n > 0; --n) text += kPieces[random() % kPieces.size()];
  return text;
}

Cell RandomCell(std::mt19937& random) {
  switch (random() % 5) {
    case 0:
      return {};
    case 1:
      return static_cast<std::int64_t>(random()) * (random() % 2 == 0 ? 1 : -1);
    case 2:
      return Time{static_cast<UnixTime>(random())};
    default:
      return RandomText(random);
  }
}

Table RandomTable(std::mt19937& random) {
  Table table;
  table.title_en = RandomText(random);
  for (std::size_t n = random() % 7; n > 0; --n) {
    table.columns.push_back({random() % 3 == 0 ? "x_id" : "x", RandomText(random), RandomText(random)});
  }
  for (std::size_t n = random() % 5; n > 0; --n) {
    std::vector<Cell>& row = table.rows.emplace_back();
    for (std::size_t i = 0; i < table.columns.size(); ++i) row.push_back(RandomCell(random));
  }
  return table;
}

TEST_F(Terminal, NoLineOfAnyTableIsWiderThanTheTerminal) {
  std::mt19937 random(20261123);
  for (int round = 0; round < 3000; ++round) {
    const Table table = RandomTable(random);
    const std::size_t width = 1 + random() % 120;
    const std::string shown = RenderTerminal(table, Language::kEnglish, width);
    std::string_view rest = shown;
    std::string_view line;
    while (NextLine(rest, line)) {
      ASSERT_LE(DisplayWidth(line), width) << "round " << round << ": " << line;
      ASSERT_EQ(CleanText(line), line) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace daicho::collector
