#include "collector/ingest/retry_pace.h"

#include <algorithm>

namespace daicho::collector {

std::uint32_t RetryPace::Next(UnixTime now) {
  const std::lock_guard lock(mutex_);
  const UnixTime soonest = now + kShortest;
  // The second: the clock was set back.
  if (free_at_ < soonest || free_at_ > now + kLongest) {
    free_at_ = soonest;
    in_it_ = 0;
  }
  const auto seconds = static_cast<std::uint32_t>(std::min<UnixTime>(free_at_ - now, kLongest));
  if (++in_it_ >= kPerSecond) {
    ++free_at_;
    in_it_ = 0;
  }
  return seconds;
}

}  // namespace daicho::collector
