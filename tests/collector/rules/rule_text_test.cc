#include "collector/rules/rule_text.h"

#include <gtest/gtest.h>

#include "tests/collector/rules/case_runner.h"

namespace daicho::collector {
namespace {

Rule Example() {
  Rule rule;
  rule.id = "r";
  rule.title = {"{days}日", "{days} days"};
  rule.detail = {"{subject} は {last} から", "{subject} since {last} by {who}"};
  rule.resolution = {"策", "do"};
  rule.parameters["days"] = std::int64_t{90};
  rule.evidence = {{"last", EvidenceKind::kTime}, {"who", EvidenceKind::kText}};
  return rule;
}

TEST(RuleText, FillsEvidenceAndParametersInBothLanguages) {
  const Rule rule = Example();
  const FindingText text =
      TextOfFinding(&rule, "r", {{"subject", "山田"}, {"last", "2026-01-05T03:00:00Z"}, {"who", "wtmp"}});
  EXPECT_EQ(text.title.ja, "90日");
  EXPECT_EQ(text.title.en, "90 days");
  EXPECT_EQ(text.detail.ja, "山田 は 2026-01-05 から");
  EXPECT_EQ(text.detail.en, "山田 since 2026-01-05 by wtmp");
  EXPECT_EQ(text.resolution.en, "do");
}

TEST(RuleText, DatesAreThoseOfTheZone) {
  const Rule rule = Example();
  const Evidence evidence = {{"last", "2026-01-05T20:00:00Z"}};
  EXPECT_EQ(FillText(rule.detail, rule, evidence, "Asia/Tokyo").ja, "不明 は 2026-01-06 から");
  EXPECT_EQ(FillText(rule.detail, rule, evidence, "America/New_York").en, "unknown since 2026-01-05 by unknown");
}

TEST(RuleText, WhatADeviceSentIsNotATemplate) {
  const Rule rule = Example();
  EXPECT_EQ(FillText(rule.detail, rule, {{"subject", "{days}"}, {"who", "{last}"}}).en,
            "{days} since unknown by {last}");
}

TEST(RuleText, FindingOfARuleThatIsGoneKeepsItsId) {
  const FindingText text = TextOfFinding(nullptr, "old-rule", {});
  EXPECT_EQ(text.title.ja, "old-rule");
  EXPECT_EQ(text.detail.en, "");
}

TEST(RuleText, ListsAreJoined) {
  EXPECT_EQ(JoinList("[\"uid 0\",\"group sudo\"]"), "uid 0, group sudo");
  EXPECT_EQ(JoinList("[]"), "");
  EXPECT_EQ(JoinList("no list"), "no list");
}

TEST(RuleText, EvidenceIsReadFromJson) {
  EXPECT_EQ(ParseEvidence("{\"a\":\"1\",\"b\":\"引用\\\"\"}"), (Evidence{{"a", "1"}, {"b", "引用\""}}));
  EXPECT_TRUE(ParseEvidence("[]").empty());
  EXPECT_TRUE(ParseEvidence("").empty());
  EXPECT_TRUE(ParseEvidence("{\"a\":1").empty());
}

// The one person at the hospital reads the sentence, not the rule: nothing may stay unfilled.
TEST(ShippedRuleTexts, NameEveryColumnTheyUse) {
  for (const Rule& rule : testing::ShippedRules().rules()) {
    Evidence evidence = {{"subject", "SUBJECT"}};
    for (const auto& [name, kind] : rule.evidence) {
      evidence[name] = kind == EvidenceKind::kTime ? "2026-01-05T03:00:00Z" : "VALUE";
    }
    const FindingText text = TextOfFinding(&rule, rule.id, evidence);
    for (const LocalText* part : {&text.title, &text.detail, &text.resolution}) {
      EXPECT_EQ(part->ja.find("不明"), std::string::npos) << rule.id << ": " << part->ja;
      EXPECT_EQ(part->en.find_first_of("{}"), std::string::npos) << rule.id << ": " << part->en;
    }
    EXPECT_GT(text.resolution.ja.size(), 100u) << rule.id;
  }
}

}  // namespace
}  // namespace daicho::collector
