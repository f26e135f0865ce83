// What one rule says of the ledger. Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/rules/rule_set.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

inline constexpr std::int64_t kRuleLimitMs = 10'000;  // a site's own SELECT must not hold up all other rules

// What a rule about software says of items of the dictionary: each is judged once and never changes, so the next
// evaluation looks at new items only. Kept by whoever evaluates again, and begun anew now and then: where several
// collectors number items, a lower number may become visible after a higher one.
struct ItemVerdicts {
  ItemId judged_to = 0;  // items up to this number are judged
  // By item: place in the SELECT's order, and the candidate without its device.
  std::map<ItemId, std::pair<std::size_t, FindingCandidate>> items;
  std::size_t next_place = 0;
};

struct RuleQuestion {
  UnixTime now = 0;
  std::string device_id = {};        // non-empty: of this device alone
  ItemVerdicts* verdicts = nullptr;  // used and extended if not null
  std::int64_t limit_ms = kRuleLimitMs;
};

// An error names the rule; kDeadlineExceeded: it took longer than limit_ms; kInvalidArgument: its SELECT does not run,
// or gives other columns than the rule declares. Evidence as rule_text.h describes it.
Result<std::vector<FindingCandidate>> EvaluateRule(const Store& store, const Rule& rule, const RuleQuestion& question);

}  // namespace daicho::collector
