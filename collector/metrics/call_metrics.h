// Calls by service, method and code, and how long they took. Thread-safe; counting a call takes no lock.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "collector/metrics/counter.h"
#include "collector/metrics/exposition.h"
#include "collector/metrics/histogram.h"

namespace daicho::collector {

// Name of a gRPC status code, "PERMISSION_DENIED"; of a number that is none, "UNKNOWN".
std::string_view CodeName(int code);

class CallMetrics {
 public:
  // Knows the methods of the collector's services and of gRPC's health service. A caller may ask for any path, so all
  // others are one method, "unknown".
  CallMetrics();

  // `path` as gRPC has it: "/daicho.v1.Inventory/CheckIn". `code`: gRPC's status code.
  void Count(std::string_view path, int code, std::chrono::nanoseconds took);

  // daicho_calls_total, daicho_call_duration_seconds. A code that never came has no sample.
  void WriteTo(Exposition& out) const;

 private:
  static constexpr std::size_t kCodes = 17;
  struct Method {
    Method(std::string of_service, std::string called) : service(std::move(of_service)), name(std::move(called)) {}
    const std::string service;
    const std::string name;
    std::array<Counter, kCodes> codes;
    Histogram seconds{DurationBounds()};
  };
  void Add(const std::string& service, const std::string& name);

  std::deque<Method> methods_;  // the last one: unknown
  std::map<std::string, Method*, std::less<>> by_path_;
};

}  // namespace daicho::collector
