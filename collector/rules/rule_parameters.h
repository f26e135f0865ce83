// A site's [rules.RULE-ID] tables in the collector's configuration. Pure.
#pragma once

#include <string>

// Only the forward declarations: the whole of toml++ costs every includer seconds.
#include <toml++/impl/forward_declarations.h>

#include "collector/rules/rule_set.h"

namespace daicho::collector {

// `rules` is the table [rules]: rule id → parameter → whole number or text. kInvalidArgument: `file:line:column: what`.
// Whether the rules and parameters exist is LoadRules' to say.
Result<RuleParameters> ParseRuleParameters(const toml::table& rules, const std::string& file);

}  // namespace daicho::collector
