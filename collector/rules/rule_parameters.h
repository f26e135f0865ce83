// A site's [rules.RULE-ID] tables in the collector's configuration. Pure.
#pragma once

#include <string>

#include "collector/rules/rule_set.h"
#include "common/toml_forward.h"

namespace daicho::collector {

// `rules` is the table [rules]: rule id → parameter → whole number or text. kInvalidArgument: `file:line:column: what`.
// Whether the rules and parameters exist is LoadRules' to say.
Result<RuleParameters> ParseRuleParameters(const toml::table& rules, const std::string& file);

}  // namespace daicho::collector
