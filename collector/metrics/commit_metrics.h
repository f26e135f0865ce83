// What the one writer does: commits, how many writes each had, how long it took, which failed. Thread-safe.
#pragma once

#include <cstddef>

#include "collector/metrics/counter.h"
#include "collector/metrics/exposition.h"
#include "collector/metrics/histogram.h"
#include "collector/store/group_committer.h"

namespace daicho::collector {

class CommitMetrics {
 public:
  CommitMetrics();

  void Count(const CommitOutcome& commit);

  struct Now {
    std::size_t waiting = 0;  // writes
    bool serving = true;      // the store takes writes
  };
  // daicho_commits_total, daicho_commit_failures_total, daicho_commit_duration_seconds, daicho_commit_writes and, of
  // now, daicho_commit_queue_writes and daicho_store_serving.
  void WriteTo(const Now& now, Exposition& out) const;

 private:
  Counter commits_;
  Counter failures_;
  Histogram seconds_;
  Histogram writes_;
};

}  // namespace daicho::collector
