#include "collector/metrics/commit_metrics.h"

#include <chrono>

namespace daicho::collector {

namespace {

constexpr double kWrites[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};

}  // namespace

CommitMetrics::CommitMetrics() : seconds_(DurationBounds()), writes_(kWrites) {}

void CommitMetrics::Count(const CommitOutcome& commit) {
  (commit.done ? commits_ : failures_).Add();
  seconds_.Observe(std::chrono::duration<double>(commit.took).count());
  writes_.Observe(static_cast<double>(commit.writes));
}

void CommitMetrics::WriteTo(const Now& now, Exposition& out) const {
  out.Family("daicho_commits_total", "Transactions that are on disk.", MetricType::kCounter);
  out.Sample({}, commits_.value());
  out.Family("daicho_commit_failures_total", "Transactions that the store did not take.", MetricType::kCounter);
  out.Sample({}, failures_.value());
  out.Family("daicho_commit_duration_seconds", "One transaction, with its flush to disk.", MetricType::kHistogram);
  out.Sample({}, seconds_);
  out.Family("daicho_commit_writes", "Writes that shared a transaction.", MetricType::kHistogram);
  out.Sample({}, writes_);
  out.Family("daicho_commit_queue_writes", "Writes that wait for a transaction.", MetricType::kGauge);
  out.Sample({}, std::uint64_t{now.waiting});
  out.Family("daicho_store_serving", "Whether the store took the last transaction.", MetricType::kGauge);
  out.Sample({}, std::uint64_t{now.serving});
}

}  // namespace daicho::collector
