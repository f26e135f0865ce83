// Judges the ledger by the rules and keeps the findings up to date.
//
// Findings are refreshed when somebody asks for them, and only if they may have changed: a report, enrolment or
// revocation was committed, or kFindingsMaxAge passed (silence and age make findings without any report), or the last
// refresh failed. Thread-safe; one evaluation at a time, others wait for it and then find that nothing is to be done.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "collector/rules/rule_set.h"
#include "collector/store/group_committer.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

inline constexpr UnixTime kFindingsMaxAge = 60;       // seconds
inline constexpr std::int64_t kRuleLimitMs = 10'000;  // a site's own SELECT must not hold up all other rules

// What one rule says at `now`. An error names the rule; kDeadlineExceeded: it took longer than `limit_ms`. Evidence as
// rule_text.h describes it.
Result<std::vector<FindingCandidate>> EvaluateRule(const Store& store, const Rule& rule, UnixTime now,
                                                   std::int64_t limit_ms = kRuleLimitMs);

class FindingsEngine {
 public:
  // All must outlive this but `rules`, which is kept.
  FindingsEngine(Store& store, GroupCommitter& committer, const Clock& clock, RuleSet rules);

  // Evaluates every rule and commits its findings, one write a rule. A rule that fails leaves its findings as they are;
  // the others go on, and the error returned names each rule that failed. Open findings of a rule that is no longer
  // there are resolved.
  Status RefreshNow();

  // RefreshNow(), if findings may have changed.
  Status Refresh();

  const RuleSet& rules() const { return rules_; }

 private:
  Status Evaluate();
  Status Commit(const Rule& rule, UnixTime now);
  Status ResolveOrphans(UnixTime now);

  Store& store_;
  GroupCommitter& committer_;
  const Clock& clock_;
  const RuleSet rules_;
  std::mutex mutex_;
  bool fresh_ = false;  // the last evaluation was a success
  std::uint64_t seen_changes_ = 0;
  UnixTime seen_at_ = 0;
};

}  // namespace daicho::collector
