#include "collector/metrics/histogram.h"

#include <algorithm>

namespace daicho::collector {

namespace {

constexpr double kDurations[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
static_assert(std::size(kDurations) <= Histogram::kMaxBounds);

}  // namespace

void Histogram::Observe(double value) {
  const auto bound = std::ranges::lower_bound(bounds_, value);
  counts_[static_cast<std::size_t>(bound - bounds_.begin())].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::span<const double> DurationBounds() { return kDurations; }

}  // namespace daicho::collector
