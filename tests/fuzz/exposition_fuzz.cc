// A label's value, whatever it is, is one sample that is read back as it was (text; what is none is replaced).
#include <cstdint>
#include <cstdlib>
#include <string>

#include "collector/metrics/exposition.h"
#include "common/text.h"
#include "tests/collector/metrics/exposition_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string value(reinterpret_cast<const char*>(data), size);
  daicho::collector::Exposition out;
  out.Family("daicho_x", "help", daicho::collector::MetricType::kGauge);
  out.Sample({{"name", value}}, std::uint64_t{1});
  const std::string text = out.Take();
  if (!daicho::IsUtf8(text)) std::abort();
  const auto read = daicho::testing_metrics::ReadExposition(text);
  if (!read.faults.empty() || read.families.size() != 1) std::abort();
  const auto& samples = read.families.at("daicho_x").samples;
  if (samples.size() != 1 || samples[0].value != 1) std::abort();
  // A line feed is kept, other control characters are blanks.
  if (daicho::CleanText(samples[0].labels.at("name")) != daicho::CleanText(value)) std::abort();
  return 0;
}
