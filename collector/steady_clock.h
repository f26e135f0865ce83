// Clock for spans of time: goes on evenly, whatever the wall clock is set to. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <ctime>

namespace daicho::collector {

class SteadyClock {
 public:
  virtual ~SteadyClock() = default;
  // Since some moment that is the same for as long as the process lives.
  virtual std::chrono::nanoseconds Now() const = 0;
};

// CLOCK_BOOTTIME of clock_gettime(2): the time that a machine sleeps counts.
class BootClock final : public SteadyClock {
 public:
  std::chrono::nanoseconds Now() const override {
    timespec now{};
    ::clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  }
};

// For tests: stands still until it is set.
class FakeSteadyClock final : public SteadyClock {
 public:
  explicit FakeSteadyClock(std::chrono::nanoseconds now) : now_(now) {}
  std::chrono::nanoseconds Now() const override { return now_; }
  void Set(std::chrono::nanoseconds now) { now_ = now; }

 private:
  std::atomic<std::chrono::nanoseconds> now_;
};

}  // namespace daicho::collector
