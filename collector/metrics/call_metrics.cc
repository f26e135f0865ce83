#include "collector/metrics/call_metrics.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "daicho/v1/admin.pb.h"
#include "daicho/v1/agent.pb.h"

namespace daicho::collector {

namespace {

constexpr std::string_view kCodeNames[] = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};
constexpr int kUnknownCode = 2;

std::size_t CodeIndex(int code) {
  const bool known = code >= 0 && static_cast<std::size_t>(code) < std::size(kCodeNames);
  return static_cast<std::size_t>(known ? code : kUnknownCode);
}

}  // namespace

std::string_view CodeName(int code) { return kCodeNames[CodeIndex(code)]; }

CallMetrics::CallMetrics() {
  static_assert(std::size(kCodeNames) == kCodes);
  for (const auto* file : {v1::CheckInRequest::descriptor()->file(), v1::Device::descriptor()->file()}) {
    for (int s = 0; s < file->service_count(); ++s) {
      const auto& service = *file->service(s);
      for (int m = 0; m < service.method_count(); ++m) Add(service.full_name(), service.method(m)->name());
    }
  }
  Add("grpc.health.v1.Health", "Check");
  Add("grpc.health.v1.Health", "Watch");
  Add("unknown", "unknown");
}

void CallMetrics::Add(const std::string& service, const std::string& name) {
  by_path_.emplace("/" + service + "/" + name, &methods_.emplace_back(service, name));
}

void CallMetrics::Count(std::string_view path, int code, std::chrono::nanoseconds took) {
  const auto found = by_path_.find(path);
  Method& method = found == by_path_.end() ? methods_.back() : *found->second;
  method.codes[CodeIndex(code)].Add();
  method.seconds.Observe(std::chrono::duration<double>(took).count());
}

void CallMetrics::WriteTo(Exposition& out) const {
  out.Family("daicho_calls_total", "gRPC calls that were answered.", MetricType::kCounter);
  for (const Method& method : methods_) {
    for (std::size_t code = 0; code < kCodes; ++code) {
      const std::uint64_t count = method.codes[code].value();
      // A success that never came is a fact, and a rate wants to begin at 0.
      if (code != 0 && count == 0) continue;
      out.Sample({{"service", method.service}, {"method", method.name}, {"code", kCodeNames[code]}}, count);
    }
  }
  out.Family("daicho_call_duration_seconds", "From a call's arrival to its answer.", MetricType::kHistogram);
  for (const Method& method : methods_) {
    const bool called = std::ranges::any_of(method.codes, [](const Counter& counter) { return counter.value() > 0; });
    if (called) out.Sample({{"service", method.service}, {"method", method.name}}, method.seconds);
  }
}

}  // namespace daicho::collector
