#include <gtest/gtest.h>

#include <filesystem>

#include "collector/rules/rule_case.h"
#include "collector/rules/rule_parameters.h"
#include "collector/rules/rule_set.h"
#include "collector/rules/toml_reader.h"
#include "common/files.h"
#include "tests/collector/rules/case_runner.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {
namespace {

using testing::ShippedChecklist;

// A right rule, one key a line, for the tests to spoil.
struct RuleLines {
  std::string id = "id = \"r\"";
  std::string title = "title = { ja = \"題\", en = \"title\" }";
  std::string detail = "detail = { ja = \"{subject} {age}\", en = \"{subject} {age} {days}\" }";
  std::string resolution = "resolution = { ja = \"策\", en = \"do\" }";
  std::string severity = "severity = \"low\"";
  std::string about = "about = \"account\"";
  std::string items = "items = [\"p1.b9.2\"]";
  std::string select = "select = \"SELECT device_id, name AS subject, 1 AS age FROM account WHERE uid > :days\"";
  std::string rest = "parameters = { days = 90 }\nevidence = { age = \"number\" }";

  std::string Text() const {
    std::string text;
    for (const std::string* line : {&id, &title, &detail, &resolution, &severity, &about, &items, &select, &rest}) {
      text += *line + "\n";
    }
    return text;
  }
};

std::string ErrorOf(const std::string& text) {
  static const Checklist checklist = ShippedChecklist();
  const auto rule = ParseRule(text, "r.toml", checklist);
  return rule ? "no error" : rule.error().message;
}

TEST(RuleFile, IsReadWhole) {
  const auto rule = ParseRule(RuleLines().Text(), "r.toml", ShippedChecklist());
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_EQ(rule->id, "r");
  EXPECT_EQ(rule->title.ja, "題");
  EXPECT_EQ(rule->severity, Severity::kLow);
  EXPECT_EQ(rule->about, RuleSubject::kAccount);
  EXPECT_EQ(rule->items, std::vector<std::string>{"p1.b9.2"});
  EXPECT_EQ(std::get<std::int64_t>(rule->parameters.at("days")), 90);
  EXPECT_EQ(rule->evidence.at("age"), EvidenceKind::kNumber);
  EXPECT_EQ(rule->bound, std::vector<std::string>{"days"});
}

TEST(RuleFile, ParametersAreNotLookedForInTextsAndComments) {
  RuleLines lines;
  lines.select =
      "select = '''SELECT device_id, \":no\" AS subject, ':no' AS age -- :no\n/* :no */ , x::no FROM a "
      "WHERE b > :days AND c < :now'''";
  const auto rule = ParseRule(lines.Text(), "r.toml", ShippedChecklist());
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_EQ(rule->bound, (std::vector<std::string>{"days", "now"}));
}

// toml++ 3.3 has undefined behaviour on some of these: they must not reach it.
TEST(RuleFile, CharactersOutsideOfQuotesAreToldWithTheirPlace) {
  const std::string why = "a character that is not ASCII must stand in quotes or a comment";
  EXPECT_EQ(ErrorOf("# 注釈\nid = \"あ\"\n表 = 1\n"), "r.toml:3:1: " + why);
  EXPECT_EQ(ErrorOf("id = \"あ\\\"い\" \u3000\n"), "r.toml:1:13: " + why);
  EXPECT_EQ(ErrorOf("id = '''い''''' é"), "r.toml:1:16: " + why);
  EXPECT_EQ(ErrorOf("id = \"\"\"い\\\"\"\"\"\"\" \n\u3000=1"), "r.toml:2:1: " + why);
  EXPECT_EQ(ErrorOf("\xff"), "r.toml:1:1: " + why);
  EXPECT_EQ(ErrorOf("\xef\xbb\xbfid = 3").find(why), std::string::npos) << "a byte order mark is none";
}

// An assertion of toml++ that input can break, and that a release build ignores.
TEST(RuleFile, TableWithoutANameIsToldAsBadInput) { EXPECT_EQ(ErrorOf("[[= 1").substr(0, 9), "r.toml:1:"); }

struct Spoilt {
  const char* what;
  std::string RuleLines::* line;
  const char* text;
  const char* message;
};

class SpoiltRule : public ::testing::TestWithParam<Spoilt> {};

TEST_P(SpoiltRule, IsToldWithItsPlace) {
  RuleLines lines;
  lines.*GetParam().line = GetParam().text;
  EXPECT_EQ(ErrorOf(lines.Text()).substr(0, std::string(GetParam().message).size()), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Rules, SpoiltRule,
    ::testing::Values(
        Spoilt{"WrongKey", &RuleLines::severity, "severty = \"low\"",
               "r.toml:5:1: unknown key 'severty' in a rule; valid keys: id, title, detail, resolution, severity"},
        Spoilt{"MissingKey", &RuleLines::severity, "", "r.toml:1:1: a rule needs 'severity'"},
        Spoilt{"WrongType", &RuleLines::severity, "severity = 3", "r.toml:5:12: 'severity' in a rule must be a text"},
        Spoilt{"WrongWord", &RuleLines::severity, "severity = \"urgent\"",
               "r.toml:5:12: 'severity' is 'urgent'; it must be one of: info, low, medium, high"},
        Spoilt{"WrongSubject", &RuleLines::about, "about = \"user\"",
               "r.toml:6:9: 'about' is 'user'; it must be one of: account, software, listener, device"},
        Spoilt{"WrongId", &RuleLines::id, "id = \"R 1\"", "r.toml:1:6: 'id' must be lower-case"},
        Spoilt{"LongId", &RuleLines::id, "id = \"a1234567890123456789012345678901234567890123456789012345678901234\"",
               "r.toml:1:6: 'id' must be lower-case letters, digits and hyphens, at most 64"},
        Spoilt{"EmptyText", &RuleLines::title, "title = { ja = \" \", en = \"t\" }",
               "r.toml:2:16: 'ja' in 'title' of a rule must be a text that is not empty"},
        Spoilt{"LanguageMissing", &RuleLines::title, "title = { ja = \"題\" }",
               "r.toml:2:9: 'title' of a rule needs 'en'"},
        Spoilt{"UnknownLanguage", &RuleLines::title, "title = { ja = \"題\", en = \"t\", fr = \"t\" }",
               "r.toml:2:31: unknown key 'fr' in 'title' of a rule; valid keys: ja, en"},
        Spoilt{"TitleIsText", &RuleLines::title, "title = \"t\"", "r.toml:2:9: 'title' in a rule must be a table"},
        Spoilt{"UnknownPlaceholder", &RuleLines::detail, "detail = { ja = \"{agee}\", en = \"x\" }",
               "r.toml:3:17: unknown placeholder {agee}; subject; evidence: age; parameters: days"},
        Spoilt{"OpenBrace", &RuleLines::detail, "detail = { ja = \"x\", en = \"{age\" }",
               "r.toml:3:27: a placeholder is written {name}"},
        Spoilt{"EvidenceInTitle", &RuleLines::title, "title = { ja = \"{age}\", en = \"t\" }",
               "r.toml:2:16: unknown placeholder {age}; parameters (a title has no evidence): days"},
        Spoilt{"UnknownRow", &RuleLines::items, "items = [\"p1.b99\"]",
               "r.toml:7:9: unknown checklist row 'p1.b99' (checklist keiyaku-an)"},
        Spoilt{"NoRow", &RuleLines::items, "", "r.toml:1:1: a rule needs 'items'"},
        Spoilt{"ItemsOfNumbers", &RuleLines::items, "items = [\"p1.b6a\", 6]",
               "r.toml:7:20: 'items' in a rule must be a list of texts"},
        Spoilt{"UnknownParameter", &RuleLines::select, "select = \"SELECT device_id, subject, age WHERE x > :dayz\"",
               "r.toml:8:10: unknown parameter :dayz; valid: now, days"},
        Spoilt{"ColumnNotGiven", &RuleLines::select, "select = \"SELECT device_id, subject FROM account\"",
               "r.toml:8:10: 'select' gives no column 'age', which [evidence] names"},
        Spoilt{"ParameterKind", &RuleLines::rest, "parameters = { days = 1.5 }",
               "r.toml:9:23: parameter 'days' must be a whole number or a text"},
        Spoilt{"ReservedParameter", &RuleLines::rest, "parameters = { now = 1 }",
               "r.toml:9:16: parameter 'now' must be"},
        Spoilt{"EvidenceKind", &RuleLines::rest, "parameters = { days = 90 }\nevidence = { age = \"years\" }",
               "r.toml:10:20: kind of evidence 'age' must be one of: text, number, time, list"},
        Spoilt{"EvidenceIsParameter", &RuleLines::rest, "parameters = { days = 90 }\nevidence = { days = \"text\" }",
               "r.toml:10:14: evidence 'days' must be the name of a column"},
        Spoilt{"CasesAreNoList", &RuleLines::rest, "case = 1", "r.toml:9:8: 'case' in a rule must be a list of tables"},
        Spoilt{"NoToml", &RuleLines::rest, "parameters = {", "r.toml:"}),
    [](const auto& spoilt) { return std::string(spoilt.param.what); });

class RuleFolder : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(folder_.File(name), text));
  }
  std::string Load(const RuleParameters& overrides = {}) {
    const auto rules = LoadRules(folder_.path(), overrides, ShippedChecklist());
    if (!rules) return rules.error().message;
    return "days " + std::to_string(std::get<std::int64_t>(rules->rules().at(0).parameters.at("days")));
  }
  static RuleParameters Site(const std::string& text) {
    const toml::table table = ParseToml(text, "collector.toml").value();
    return ParseRuleParameters(*table["rules"].as_table(), "collector.toml").value();
  }
  TemporaryFolder folder_;
};

TEST_F(RuleFolder, SiteOverridesParameters) {
  Write("r.toml", RuleLines().Text());
  EXPECT_EQ(Load(), "days 90");
  EXPECT_EQ(Load(Site("[rules.r]\ndays = 30\n")), "days 30");
}

TEST_F(RuleFolder, WrongOverridesAreToldWithTheirPlace) {
  Write("r.toml", RuleLines().Text());
  EXPECT_EQ(Load(Site("[rules.q]\ndays = 30\n")), "collector.toml:2:1: no rule 'q'; rules: r");
  EXPECT_EQ(Load(Site("[rules.r]\ndayz = 30\n")), "collector.toml:2:1: rule 'r' has no parameter 'dayz'; valid: days");
  EXPECT_EQ(Load(Site("[rules.r]\ndays = \"30\"\n")),
            "collector.toml:2:1: parameter 'days' of rule 'r' must be a whole number");
  EXPECT_EQ(Load(Site("[rules.r]\ndays = -1\n")),
            "collector.toml:2:1: parameter 'days' of rule 'r' must not be negative");
}

TEST_F(RuleFolder, OverridesOfAWrongKindAreToldWithTheirPlace) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"[rules.r]\ndays = 1.5\n", "collector.toml:2:8: parameter 'days' must be a whole number or a text"},
           {"[rules]\nr = 1\n", "collector.toml:2:5: 'r' in [rules] must be a table: [rules.RULE-ID]"}}) {
    const toml::table table = ParseToml(text, "collector.toml").value();
    const auto parameters = ParseRuleParameters(*table["rules"].as_table(), "collector.toml");
    ASSERT_FALSE(parameters);
    EXPECT_EQ(parameters.error().message, message);
  }
}

TEST_F(RuleFolder, OneWrongRuleFailsTheWhole) {
  Write("r.toml", RuleLines().Text());
  Write("s.toml", "id = 3\n");
  EXPECT_EQ(Load(), folder_.File("s.toml") + ":1:6: 'id' in a rule must be a text that is not empty");
}

TEST_F(RuleFolder, IdUsedTwiceNamesBothFiles) {
  Write("r.toml", RuleLines().Text());
  Write("s.toml", RuleLines().Text());
  EXPECT_EQ(Load(), folder_.File("s.toml") + ":1:1: rule id 'r' is used in " + folder_.File("r.toml") + " too");
}

TEST_F(RuleFolder, FileIsNamedAfterItsRule) {
  Write("q.toml", RuleLines().Text());
  EXPECT_NE(Load().find("q.toml:1:1: a rule's file is named after its id; rename it to r.toml"), std::string::npos);
}

TEST_F(RuleFolder, NoRulesAreAnErrorAndOtherFilesAreNone) {
  Write("README", "not a rule");
  EXPECT_EQ(Load(), folder_.path() + ": no rules (*.toml) there");
  std::filesystem::remove_all(folder_.path());
  EXPECT_NE(Load().find("cannot list the rules"), std::string::npos);
}

TEST(RuleCases, WrongOnesAreToldWithTheirPlace) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"[[case]]\nname = \"n\"\n", "r.toml:1:1: a case needs 'expect'"},
      {"[[case]]\nname = \"n\"\nexpct = []\n", "r.toml:3:1: unknown key 'expct' in a case"},
      {"[[case]]\nname = \"n\"\nexpect = []\nnow = \"today\"\n", "r.toml:4:7: 'now' of a case must be a time"},
      {"[[case]]\nname = \"n\"\nexpect = []\nrows.acounts = []\n", "r.toml:4:6: no section 'acounts'"},
      {"[[case]]\nname = \"n\"\nexpect = []\nrows.accounts = [{ nam = \"x\" }]\n",
       "r.toml:4:18: row of section 'accounts': "},
      {"[[case]]\nname = \"n\"\nexpect = [{ days = \"1\" }]\n", "r.toml:3:11: an expected finding needs 'subject'"},
  };
  for (const auto& [text, message] : table) {
    const auto cases = ParseRuleCases(text, "r.toml");
    ASSERT_FALSE(cases) << text;
    EXPECT_EQ(cases.error().message.substr(0, message.size()), message);
  }
}

}  // namespace
}  // namespace daicho::collector
