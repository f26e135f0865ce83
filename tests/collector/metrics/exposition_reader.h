// Reads Prometheus' text format 0.0.4 strictly, as
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format has it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace daicho::testing_metrics {

struct ReadSample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

struct ReadFamily {
  std::string help;
  std::string type;
  std::vector<ReadSample> samples;
};

struct ReadMetrics {
  std::map<std::string, ReadFamily> families;
  std::vector<std::string> faults;  // empty: the text is as it has to be

  // The value of the one sample with that name and those labels; NaN if there is none.
  double Value(const std::string& name, const std::map<std::string, std::string>& labels = {}) const;
};

// Faults: a line that does not parse, a family without HELP and TYPE in front or named twice, a sample of another
// family or given twice, a histogram whose buckets shrink, lack "+Inf" or differ from its count.
ReadMetrics ReadExposition(const std::string& text);

}  // namespace daicho::testing_metrics
