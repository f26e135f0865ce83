// How often a measured value fell under each of some bounds. Thread-safe: observing takes no lock; what is read
// meanwhile may lack an observation in its sum, never in its counts.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace daicho::collector {

class Histogram {
 public:
  static constexpr std::size_t kMaxBounds = 15;

  // `bounds`: ascending, at most kMaxBounds; they must outlive this.
  explicit Histogram(std::span<const double> bounds) : bounds_(bounds) {}

  void Observe(double value);

  std::span<const double> bounds() const { return bounds_; }
  // Of values up to bounds()[i] and over the bound before; of i = bounds().size(): over all of them.
  std::uint64_t count(std::size_t i) const { return counts_[i].load(std::memory_order_relaxed); }
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::span<const double> bounds_;
  std::array<std::atomic<std::uint64_t>, kMaxBounds + 1> counts_ = {};
  std::atomic<double> sum_ = 0;
};

// Seconds, from half a millisecond to ten seconds.
std::span<const double> DurationBounds();

}  // namespace daicho::collector
