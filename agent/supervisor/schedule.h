// When the resident agent comes next. Pure but for its own random numbers; thread-compatible.
#pragma once

#include <cstdint>
#include <random>

#include "agent/cycle/cycle_record.h"

namespace daicho::agent {

struct ScheduleSettings {
  std::uint32_t start_delay_seconds = 10;         // the first cycle comes within this time, at random
  std::uint32_t default_interval_seconds = 3600;  // while no collector has said otherwise
  std::uint32_t interval_limit_seconds = 24 * 3600;
  std::uint32_t first_retry_seconds = 30;
};

// After a check-in: the collector's interval (it has jitter in it already), at most the limit. After a failure: twice
// as long each time, from first_retry up to the interval, half of it at random, so that a hospital's machines do not
// come back in step; collection runs each time, so evidence is kept meanwhile. A busy collector's retry-after is
// honoured.
class Schedule {
 public:
  Schedule(const ScheduleSettings& settings, std::uint64_t seed) : settings_(settings), random_(seed) {}

  std::uint32_t FirstDelay();                           // seconds
  std::uint32_t DelayAfter(const CycleRecord& record);  // seconds, at least 1

 private:
  std::uint32_t Between(std::uint32_t low, std::uint32_t high);

  ScheduleSettings settings_;
  std::mt19937 random_;
  std::uint32_t interval_ = 0;  // last one a collector asked for
  std::uint32_t failures_ = 0;
};

}  // namespace daicho::agent
