// When those that were turned away are to come back: each a little later than the one before, so that they come at a
// rate that can be served and not all at once. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>

#include "common/clock.h"

namespace daicho::collector {

class RetryPace {
 public:
  static constexpr std::uint32_t kShortest = 20;    // seconds
  static constexpr std::uint32_t kLongest = 3'600;  // seconds
  static constexpr std::int64_t kPerSecond = 50;    // that can be served for sure, first reports included

  // Seconds from now.
  std::uint32_t Next(UnixTime now);

 private:
  std::mutex mutex_;
  UnixTime free_at_ = 0;  // the second in which the next one is to come
  std::int64_t in_it_ = 0;
};

}  // namespace daicho::collector
