// Runs a rule's own cases through the real path: enrolment, check-in, report, SELECT. The tests of the rules that ship
// and `daicho-collector check-rules` are both this. Thread-safe if the stores are different ones.
#pragma once

#include "collector/rules/rule_case.h"
#include "collector/rules/rule_set.h"
#include "collector/store/store.h"
#include "common/error.h"

namespace daicho::collector {

// Puts the case's device into an empty store. The error names the case.
Status FeedCase(Store& store, const RuleCase& rule_case);

// Whether `rule` says of the case what the case expects. `store` is empty before, and of no use after. kDataLoss:
// `file:line:column: case: what differs`, all of it; or the case cannot be fed; or the SELECT does not run.
Status RunCase(Store& store, Rule rule, const RuleCase& rule_case);

}  // namespace daicho::collector
