// Runs a rule's own case through the real path: enrolment, check-in, report, SELECT.
#pragma once

#include <vector>

#include "collector/rules/rule_case.h"
#include "collector/rules/rule_set.h"
#include "collector/store/store.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {

// Files of deploy/rules, ordered.
std::vector<std::string> ShippedRuleFiles();

// The checklist that ships.
Checklist ShippedChecklist();

RuleSet ShippedRules();

// Puts the case's device into an empty store.
void FeedCase(Store& store, const RuleCase& rule_case);

}  // namespace daicho::collector::testing
