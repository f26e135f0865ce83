// The rules and the checklist that ship.
#pragma once

#include <string>
#include <vector>

#include "collector/rules/rule_set.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {

// Files of deploy/rules, ordered.
std::vector<std::string> ShippedRuleFiles();

// The checklist that ships.
Checklist ShippedChecklist();

RuleSet ShippedRules();

}  // namespace daicho::collector::testing
