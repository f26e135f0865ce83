// Every rule that ships, by its own cases, on every store engine.
#include <algorithm>
#include <cctype>
#include <filesystem>

#include "collector/rules/findings_engine.h"
#include "common/files.h"
#include "tests/collector/rules/case_runner.h"

namespace daicho::collector::testing {
namespace {

using RuleOnEngine = std::tuple<StoreFactory, std::string>;

class ShippedRule : public ::testing::TestWithParam<RuleOnEngine> {};

void Judge(const StoreFactory& factory, Rule rule, const RuleCase& rule_case) {
  SCOPED_TRACE(rule_case.place);
  const TemporaryFolder folder;
  const auto store = factory.open(folder);
  FeedCase(*store, rule_case);
  for (const auto& [name, value] : rule_case.parameters) {
    ASSERT_TRUE(rule.parameters.contains(name)) << name;
    rule.parameters[name] = value;
  }
  const auto found = EvaluateRule(*store, rule, rule_case.now);
  ASSERT_TRUE(found) << found.error().message;
  std::map<std::string, std::map<std::string, std::string>> evidence_of;
  for (const FindingCandidate& candidate : *found) evidence_of[candidate.subject] = candidate.evidence;
  EXPECT_EQ(evidence_of.size(), rule_case.expected.size());
  for (const ExpectedFinding& expected : rule_case.expected) {
    const auto of_subject = evidence_of.find(expected.subject);
    if (of_subject == evidence_of.end()) {
      ADD_FAILURE() << "no finding for '" << expected.subject << "'";
      continue;
    }
    for (const auto& [column, text] : expected.evidence) EXPECT_EQ(of_subject->second[column], text) << column;
  }
}

TEST_P(ShippedRule, SaysWhatItsCasesExpect) {
  const auto& [factory, file] = GetParam();
  const auto text = ReadFile(file);
  ASSERT_TRUE(text) << text.error().message;
  const auto rule = ParseRule(*text, file, ShippedChecklist());
  ASSERT_TRUE(rule) << rule.error().message;
  const auto cases = ParseRuleCases(*text, file);
  ASSERT_TRUE(cases) << cases.error().message;
  EXPECT_GE(cases->size(), 4u);
  const auto expects_nothing = [](const RuleCase& one) { return one.expected.empty(); };
  EXPECT_TRUE(std::any_of(cases->begin(), cases->end(), expects_nothing)) << "a rule needs a case without findings";
  EXPECT_FALSE(std::all_of(cases->begin(), cases->end(), expects_nothing)) << "a rule needs a case with a finding";
  for (const RuleCase& rule_case : *cases) Judge(factory, *rule, rule_case);
}

std::string NameOf(const ::testing::TestParamInfo<RuleOnEngine>& info) {
  std::string name =
      std::get<0>(info.param).name + "_" + std::filesystem::path(std::get<1>(info.param)).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Rules, ShippedRule,
                         ::testing::Combine(::testing::ValuesIn(AllStoreFactories()),
                                            ::testing::ValuesIn(ShippedRuleFiles())),
                         NameOf);

}  // namespace
}  // namespace daicho::collector::testing
