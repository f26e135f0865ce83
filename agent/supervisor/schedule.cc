#include "agent/supervisor/schedule.h"

#include <algorithm>

namespace daicho::agent {

std::uint32_t Schedule::Between(std::uint32_t low, std::uint32_t high) {
  return std::uniform_int_distribution<std::uint32_t>(low, std::max(low, high))(random_);
}

std::uint32_t Schedule::FirstDelay() { return Between(0, settings_.start_delay_seconds); }

std::uint32_t Schedule::DelayAfter(const CycleRecord& record) {
  const std::uint32_t limit = std::max(1u, settings_.interval_limit_seconds);
  if (record.CheckedIn()) {
    failures_ = 0;
    if (record.next_check_in_seconds != 0) interval_ = record.next_check_in_seconds;
    return std::clamp(interval_ != 0 ? interval_ : settings_.default_interval_seconds, 1u, limit);
  }
  const std::uint32_t interval = std::min(interval_ != 0 ? interval_ : settings_.default_interval_seconds, limit);
  const std::uint64_t doubled = std::uint64_t{settings_.first_retry_seconds} << std::min(failures_, 20u);
  ++failures_;
  if (record.retry_after_seconds != 0) {
    return std::clamp(Between(record.retry_after_seconds, record.retry_after_seconds + record.retry_after_seconds / 4),
                      1u, limit);
  }
  const auto delay = static_cast<std::uint32_t>(std::min<std::uint64_t>(doubled, interval));
  return std::max(1u, Between(delay - delay / 2, delay));
}

}  // namespace daicho::agent
