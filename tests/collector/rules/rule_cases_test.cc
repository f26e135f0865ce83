// Every rule that ships, by its own cases, on every store engine.
#include <algorithm>
#include <cctype>
#include <filesystem>

#include "collector/rules/case_run.h"
#include "common/files.h"
#include "tests/collector/rules/case_runner.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using RuleOnEngine = std::tuple<StoreFactory, std::string>;

class ShippedRule : public ::testing::TestWithParam<RuleOnEngine> {};

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
  for (const RuleCase& rule_case : *cases) {
    const auto place = factory.make();
    const auto done = RunCase(*place->Open(), *rule, rule_case);
    EXPECT_TRUE(done) << done.error().message;
  }
}

std::string NameOf(const ::testing::TestParamInfo<RuleOnEngine>& info) {
  std::string name =
      std::get<0>(info.param).name + "_" + std::filesystem::path(std::get<1>(info.param)).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

// A case that says something else than the rule does must not pass: each difference is named.
TEST(RuleCases, EachDifferenceFromWhatIsExpectedIsTold) {
  const std::string file = ShippedRuleFiles().back();
  const auto text = ReadFile(std::filesystem::path(file).parent_path().string() + "/second-uid-0.toml");
  ASSERT_TRUE(text) << text.error().message;
  const auto rule = ParseRule(*text, "second-uid-0.toml", ShippedChecklist());
  ASSERT_TRUE(rule) << rule.error().message;
  struct Wrong {
    const char* rows;
    const char* expect;
    const char* told;
  };
  for (const Wrong& wrong :
       {Wrong{"[{ name = \"toor\", uid = 0 }]", "[]", "x.toml:1:1: wrong: a finding for 'toor' that is not expected"},
        Wrong{"[{ name = \"a\", uid = 1 }]", "[{ subject = \"toor\" }]", "no finding for 'toor'"},
        Wrong{"[{ name = \"toor\", uid = 0, shell = \"/bin/sh\" }]", "[{ subject = \"toor\", shell = \"/bin/no\" }]",
              "the finding for 'toor' has shell '/bin/sh' instead of '/bin/no'"}}) {
    const auto cases = ParseRuleCases(
        std::string("[[case]]\nname = \"wrong\"\nrows.accounts = ") + wrong.rows + "\nexpect = " + wrong.expect,
        "x.toml");
    ASSERT_TRUE(cases) << cases.error().message;
    const auto place = AllStoreFactories()[0].make();
    const auto done = RunCase(*place->Open(), *rule, cases->at(0));
    ASSERT_FALSE(done) << wrong.told;
    EXPECT_EQ(done.error().code, Code::kDataLoss);
    EXPECT_NE(done.error().message.find(wrong.told), std::string::npos) << done.error().message;
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, ShippedRule,
                         ::testing::Combine(::testing::ValuesIn(AllStoreFactories()),
                                            ::testing::ValuesIn(ShippedRuleFiles())),
                         NameOf);

}  // namespace
}  // namespace daicho::collector::testing
