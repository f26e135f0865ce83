// Numbers that are the same on every machine and in every run: splitmix64 (Steele, Lea, Flood: Fast splittable
// pseudorandom number generators, OOPSLA 2014), started from a key. The distributions of <random> are not specified
// to that.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace daicho::fleet {

// Not thread-safe; cheap to make.
class Random {
 public:
  explicit Random(std::initializer_list<std::uint64_t> key) {
    for (const std::uint64_t part : key) state_ = Next() ^ part;
  }

  std::uint64_t Next() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // 0 to n - 1. Precondition: n > 0.
  std::uint32_t Below(std::uint32_t n) { return static_cast<std::uint32_t>(((Next() >> 32) * n) >> 32); }

  // `count` of the numbers 0 to n - 1 in random order, all distinct. Precondition: count <= n.
  std::vector<std::uint32_t> Draw(std::uint32_t count, std::uint32_t n) {
    std::vector<std::uint32_t> numbers(n);
    for (std::uint32_t i = 0; i < n; ++i) numbers[i] = i;
    for (std::uint32_t i = 0; i < count; ++i) std::swap(numbers[i], numbers[i + Below(n - i)]);
    numbers.resize(count);
    return numbers;
  }

 private:
  std::uint64_t state_ = 0;
};

}  // namespace daicho::fleet
