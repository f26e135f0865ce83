// A rule file of any bytes is read or refused with its place; what is read fills its own sentences.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "collector/rules/checklist.h"
#include "collector/rules/rule_case.h"
#include "collector/rules/rule_set.h"
#include "collector/rules/rule_text.h"

namespace {

using namespace daicho::collector;

void Require(bool holds) {
  if (!holds) std::abort();
}

void CheckError(const daicho::Error& error) {
  Require(error.code == daicho::Code::kInvalidArgument);
  Require(error.message.starts_with("fuzz.toml:"));
}

void CheckRule(const Rule& rule) {
  Require(!rule.id.empty() && !rule.select.empty() && !rule.items.empty());
  for (const std::string& name : rule.bound) Require(name == "now" || rule.parameters.contains(name));
  const FindingText text = TextOfFinding(&rule, rule.id, {});
  for (const LocalText* part : {&text.title, &text.detail, &text.resolution}) Require(!part->ja.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Checklist checklist("fuzz", {"名", "name"},
                                   {ChecklistItem{.id = "p1.b9.2",
                                                  .part = 1,
                                                  .number = "B9",
                                                  .heading = {"項", "row"},
                                                  .summary = {"要", "what"},
                                                  .evidence = EvidenceLevel::kFull,
                                                  .rules = {},
                                                  .aliases = {"B10"}}});
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto rule = ParseRule(text, "fuzz.toml", checklist)) {
    CheckRule(*rule);
  } else {
    CheckError(rule.error());
  }
  if (const auto cases = ParseRuleCases(text, "fuzz.toml"); !cases) CheckError(cases.error());
  if (const auto parsed = ParseChecklist(text, "fuzz.toml")) {
    for (const ChecklistItem& row : parsed->rows()) Require(parsed->ResolveItem(row.id).has_value());
  } else {
    CheckError(parsed.error());
  }
  return 0;
}
