// Judges the ledger by the rules and keeps the findings up to date.
//
// Findings are refreshed when somebody asks for them, and only as far as they may have changed: devices whose reports,
// enrolments or revocations this process committed are judged one by one; the whole ledger is judged where they are
// many, when kFindingsMaxAge has passed (silence and age make findings without any report, and so do other collectors),
// and after a refresh that failed. Thread-safe; one evaluation at a time, others wait for it and then find that nothing
// is to be done.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "collector/rules/rule_evaluation.h"
#include "collector/rules/rule_set.h"
#include "collector/store/group_committer.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

inline constexpr UnixTime kFindingsMaxAge = 600;  // seconds

class FindingsEngine {
 public:
  // All must outlive this but `rules`, which is kept.
  FindingsEngine(Store& store, GroupCommitter& committer, const Clock& clock, RuleSet rules);

  // Evaluates every rule and commits its findings, one write a rule. A rule that fails leaves its findings as they are;
  // the others go on, and the error returned names each rule that failed. Open findings of a rule that is no longer
  // there are resolved. Ends at the first write that the store does not take: it takes no other, and may be slow to say
  // so (a lock).
  Status RefreshNow();

  // RefreshNow(), if findings may have changed.
  Status Refresh();

  const RuleSet& rules() const { return rules_; }

 private:
  // The first error, and the messages of all.
  struct Outcome {
    Status status;
    bool store_refuses = false;
    void Note(const Status& done);
  };

  Status Evaluate();
  Status EvaluateDevices(const LedgerChanges& changes);
  Status Commit(const Rule& rule, const std::string& device, UnixTime now, bool& store_refuses);
  Status ResolveOrphans(UnixTime now);

  Store& store_;
  GroupCommitter& committer_;
  const Clock& clock_;
  const RuleSet rules_;
  std::mutex mutex_;
  bool fresh_ = false;  // the last evaluation was a success
  std::uint64_t seen_changes_ = 0;
  UnixTime seen_at_ = 0;
  std::map<std::string, ItemVerdicts> verdicts_;  // by rule
};

}  // namespace daicho::collector
