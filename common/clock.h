// Wall clock, injected wherever time decides something. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

namespace daicho {

// Seconds since 1970-01-01T00:00:00Z.
using UnixTime = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixTime Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  UnixTime Now() const override { return ::time(nullptr); }
};

// For tests: stands still until it is set.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(UnixTime now) : now_(now) {}
  UnixTime Now() const override { return now_; }
  void Set(UnixTime now) { now_ = now; }
  void Advance(UnixTime seconds) { now_ += seconds; }

 private:
  std::atomic<UnixTime> now_;
};

}  // namespace daicho
