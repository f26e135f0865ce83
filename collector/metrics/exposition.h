// Writes metrics in Prometheus' text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
//
// A family begins with Family(); its samples follow. Names and help texts are ours; label values may be any bytes,
// those that are not UTF-8 are replaced. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/metrics/histogram.h"

namespace daicho::collector {

inline constexpr const char* kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

enum class MetricType { kCounter, kGauge, kHistogram };

struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::vector<Label>;

class Exposition {
 public:
  // `name`: [a-zA-Z_:][a-zA-Z0-9_:]*, each once.
  void Family(std::string_view name, std::string_view help, MetricType type);

  // Samples of the family begun last, each set of labels once.
  void Sample(const Labels& labels, std::uint64_t value);
  void Sample(const Labels& labels, double value);
  void Sample(const Labels& labels, const Histogram& histogram);

  std::string Take() { return std::move(text_); }

 private:
  void Line(std::string_view suffix, const Labels& labels, std::string_view value);

  std::string name_;
  std::string text_;
};

}  // namespace daicho::collector
