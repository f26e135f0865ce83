// A number that only grows. Thread-safe, some nanoseconds an addition.
#pragma once

#include <atomic>
#include <cstdint>

namespace daicho::collector {

class Counter {
 public:
  void Add(std::uint64_t more = 1) { value_.fetch_add(more, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

}  // namespace daicho::collector
