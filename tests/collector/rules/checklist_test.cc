#include "collector/rules/checklist.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/text.h"
#include "tests/collector/rules/case_runner.h"

namespace daicho::collector {
namespace {

using testing::ShippedChecklist;
using testing::ShippedRules;
using Ids = std::vector<std::string>;

// The rows of the form, in its order.
const Ids kRows = {"p1.a1",     "p1.a2",   "p1.a3",   "p1.b1",   "p1.b2",   "p1.b3",   "p1.b4",   "p1.b5",   "p1.b6a",
                   "p1.b6note", "p1.b6b",  "p1.b7.1", "p1.b7.2", "p1.b8.1", "p1.b8.2", "p1.b9.1", "p1.b9.2", "p1.c1",
                   "p1.c2",     "p1.c3.1", "p1.c3.2", "p1.c4",   "p2.a1",   "p2.a2",   "p2.a3",   "p2.a4",   "p2.a5",
                   "p2.a6",     "p2.a7",   "p2.a8.1", "p2.a8.2", "p2.a9",   "p2.a10",  "p2.a11",  "p2.a12",  "p2.b1",
                   "p2.b2",     "p2.b3",   "p2.b4",   "p2.b5",   "p2.b6",   "p2.b7",   "p2.b8",   "p2.b9",   "p2.b10",
                   "p2.c1",     "p2.c2",   "p2.c3",   "p2.c4",   "p2.c5",   "p2.c6",   "p2.c7",   "p2.c8"};

TEST(ShippedChecklistFile, HasEveryRowOfTheFormInItsOrder) {
  Ids ids;
  for (const ChecklistItem& row : ShippedChecklist().rows()) ids.push_back(row.id);
  EXPECT_EQ(ids, kRows);
}

TEST(ShippedChecklistFile, SaysEachRowInBothLanguages) {
  for (const ChecklistItem& row : ShippedChecklist().rows()) {
    SCOPED_TRACE(row.id);
    for (const std::string& japanese : {row.heading.ja, row.summary.ja}) {
      EXPECT_GT(DisplayWidth(japanese), 3u);
      EXPECT_NE(japanese.size(), DisplayWidth(japanese)) << "not Japanese: " << japanese;
    }
    for (const std::string& english : {row.heading.en, row.summary.en}) {
      EXPECT_GT(english.size(), 6u);
      EXPECT_EQ(english.size(), DisplayWidth(english)) << "not English: " << english;
    }
    EXPECT_EQ(row.id[1] - '0', row.part);
    EXPECT_EQ(std::string(1, static_cast<char>(row.id[3] - 'a' + 'A')), row.number.substr(0, 1));
  }
}

// REQUIREMENTS: the rows that machine facts can evidence fully.
TEST(ShippedChecklistFile, ClaimsFullEvidenceOnlyForLedgerAndUnusedAccounts) {
  Ids full;
  for (const ChecklistItem& row : ShippedChecklist().rows()) {
    if (row.evidence == EvidenceLevel::kFull) full.push_back(row.id);
    EXPECT_TRUE(row.evidence != EvidenceLevel::kNone || row.rules.empty()) << row.id;
  }
  EXPECT_EQ(full, (Ids{"p1.b6a", "p1.b9.2"}));
}

TEST(ShippedChecklistFile, AgreesWithTheRulesOnWhoEvidencesWhat) {
  const RuleSet rules = ShippedRules();
  for (const ChecklistItem& row : rules.checklist().rows()) {
    EXPECT_EQ(row.rules, rules.RulesFor({row.id})) << row.id;
  }
}

TEST(ShippedChecklistFile, PrintsPartNumberAndHeading) {
  const LocalText printed = ShippedChecklist().PrintedItem("p1.b9.2");
  EXPECT_EQ(printed.ja, "Part1 B9➁ 医療情報システムの管理・運用");
  EXPECT_EQ(printed.en, "Part1 B9➁ Management and operation of medical information systems");
  EXPECT_EQ(ShippedChecklist().PrintedItem("p9.x").en, "p9.x");
}

TEST(ShippedChecklistFile, ResolvesIdsBeginningsAndAliases) {
  const Checklist checklist = ShippedChecklist();
  const std::vector<std::pair<std::string, Ids>> table = {
      {"B6", {"p1.b6a", "p1.b6b"}},
      {"b6", {"p1.b6a", "p1.b6b"}},
      {"B10", {"p1.b9.2"}},
      {"b10", {"p1.b9.2"}},
      {"p1.b6a", {"p1.b6a"}},
      {"P1.B6A", {"p1.b6a"}},
      {"p1.b6", {"p1.b6a", "p1.b6note", "p1.b6b"}},
      {"p1.b9", {"p1.b9.1", "p1.b9.2"}},
      {"p2.b10", {"p2.b10"}},
      {"p2.a1", {"p2.a1"}},  // and not p2.a10, p2.a11, p2.a12
  };
  for (const auto& [text, ids] : table) {
    const auto resolved = checklist.ResolveItem(text);
    ASSERT_TRUE(resolved) << text;
    EXPECT_EQ(*resolved, ids) << text;
  }
  EXPECT_EQ(checklist.ResolveItem("p1")->size(), 22u);
  EXPECT_EQ(checklist.ResolveItem("p2")->size(), 31u);
}

TEST(ShippedChecklistFile, UnknownItemSaysHowToSeeAll) {
  for (const char* text : {"", "B99", "p3", "p1.b61", "p"}) {
    const auto resolved = ShippedChecklist().ResolveItem(text);
    ASSERT_FALSE(resolved) << text;
    EXPECT_EQ(resolved.error().code, Code::kNotFound);
    EXPECT_NE(resolved.error().message.find("daicho checklist"), std::string::npos);
  }
}

TEST(ProposedAnswer, IsNeverYesByAMachineAlone) {
  ChecklistItem row;
  row.rules = {"some-rule"};
  for (const EvidenceLevel level : {EvidenceLevel::kFull, EvidenceLevel::kPart}) {
    row.evidence = level;
    EXPECT_EQ(ProposeAnswer(row, 0, 5, false).ja, "要確認（自動確認の範囲では指摘なし）");
    EXPECT_EQ(ProposeAnswer(row, 0, 5, false).en, "to be confirmed (automatic checks found nothing)");
    EXPECT_EQ(ProposeAnswer(row, 0, 5, true).ja, "要確認（確認できていない機器・アカウントあり）");
    EXPECT_EQ(ProposeAnswer(row, 1, 5, true).ja, "いいえ（案）");
    EXPECT_EQ(ProposeAnswer(row, 1, 5, false).en, "no (proposed)");
    EXPECT_EQ(ProposeAnswer(row, 0, 0, false).en, "to be checked (no device has reported)");
  }
  row.rules.clear();
  EXPECT_EQ(ProposeAnswer(row, 0, 5, false).en, "to be answered by a person");
}

constexpr const char* kRow =
    "[[row]]\nid = \"p1.a1\"\npart = 1\nnumber = \"A1\"\nheading = { ja = \"あ\", en = \"a\" }\n"
    "summary = { ja = \"あ\", en = \"a\" }\nevidence = \"none\"\n";
constexpr const char* kHead = "edition = \"e\"\ntitle = { ja = \"あ\", en = \"a\" }\n";

TEST(ChecklistFile, WrongOnesAreToldWithTheirPlace) {
  const std::string head = kHead;
  const std::string row = kRow;
  const std::vector<std::pair<std::string, std::string>> table = {
      {head, "c.toml:1:1: a checklist needs rows"},
      {"editoin = 1\n" + head + row,
       "c.toml:1:1: unknown key 'editoin' in a checklist; valid keys: edition, title, row"},
      {head + row + row, "c.toml:11:6: row id 'p1.a1' is used twice"},
      {head + "[[row]]\nid = \"P1.A1\"\n", "c.toml:3:1: a row needs 'part' (a whole number)"},
      {head + row + "rules = \"x\"\n", "c.toml:10:9: 'rules' in a row must be a list of texts"},
      {head + "[[row]\n", "c.toml:3:"},
  };
  for (const auto& [text, message] : table) {
    const auto checklist = ParseChecklist(text, "c.toml");
    ASSERT_FALSE(checklist) << text;
    EXPECT_EQ(checklist.error().code, Code::kInvalidArgument);
    EXPECT_EQ(checklist.error().message.substr(0, message.size()), message);
  }
}

TEST(ChecklistFile, MissingFileNamesItself) {
  const auto checklist = LoadChecklist("/nonexistent/c.toml");
  ASSERT_FALSE(checklist);
  EXPECT_EQ(checklist.error().code, Code::kNotFound);
  EXPECT_NE(checklist.error().message.find("/nonexistent/c.toml"), std::string::npos);
}

}  // namespace
}  // namespace daicho::collector
