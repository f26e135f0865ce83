// Does one job for each of many machines with a number of workers, in bounded time: takes up again those who were told
// to come back, and measures each. One run at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"

namespace daicho::fleet {

using SteadyClock = std::chrono::steady_clock;

// What came of one try.
struct Attempt {
  Status status;
  std::uint32_t retry_after_seconds = 0;  // the collector's wish; 0: none
};

struct PoolSettings {
  std::uint32_t parallel = 1;
  std::uint32_t tries = 1;  // of each job; more than one only after RESOURCE_EXHAUSTED and UNAVAILABLE
  std::optional<std::chrono::milliseconds> longest_wait{};  // between tries, whatever the collector wishes
  SteadyClock::time_point deadline;
  const std::atomic<bool>& stop;  // set from outside: nothing new is begun
  std::string progress;           // what to call it on standard error; empty: no progress
};

struct PoolResult {
  std::vector<bool> done;                        // by position in the jobs: its last try was a success
  std::vector<double> visit_ms;                  // of those done, from its first try to its end, waits included
  std::vector<double> try_ms;                    // of those done, the last try alone
  std::map<std::string, std::uint64_t> errors;   // jobs that failed, by gRPC's name of the code of the last try
  std::map<std::string, std::uint64_t> retried;  // tries that were followed by another, by code
  std::map<std::string, std::string> messages;   // one of each code
  double seconds = 0;
};

// `job(position, worker)` for positions 0 to count - 1; workers are 0 to parallel - 1. Called from many threads; a
// position is with one worker at a time.
using Job = std::function<Attempt(std::uint32_t position, std::uint32_t worker)>;
PoolResult RunJobs(std::uint32_t count, const PoolSettings& settings, const Job& job);

// "RESOURCE_EXHAUSTED".
std::string CodeName(Code code);

}  // namespace daicho::fleet
