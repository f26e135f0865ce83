// Proves that rules run, before findings are made of them: each SELECT on an empty store, and each rule's own cases.
#pragma once

#include <cstddef>
#include <string>

#include "collector/rules/rule_set.h"
#include "common/error.h"

namespace daicho::collector {

// kDataLoss: `file:line:column: rule 'id': why its SELECT does not run`, of the first that does not. Other codes: no
// store can be made in the folder for temporary files.
Status ProveSelects(const RuleSet& rules);

// How many cases the rules' files (RULES-FOLDER/ID.toml) have; all passed, each on a store of its own.
// kDataLoss: which rules and cases fail and how, a line each; kInvalidArgument: a case that cannot be read, with place.
Result<std::size_t> RunRuleCases(const std::string& rules_folder, const RuleSet& rules);

}  // namespace daicho::collector
