#include "collector/metrics/exposition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "tests/collector/metrics/exposition_reader.h"

namespace daicho::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing_metrics::ReadExposition;

TEST(Exposition, IsWhatTheFormatSays) {
  Exposition out;
  out.Family("daicho_devices", "Devices by status.", MetricType::kGauge);
  out.Sample({{"status", "active"}, {"site", "a"}}, std::uint64_t{3});
  out.Family("daicho_x_seconds", "Two lines\nand a \\ in the help.", MetricType::kCounter);
  out.Sample({}, 0.5);
  EXPECT_EQ(out.Take(),
            "# HELP daicho_devices Devices by status.\n"
            "# TYPE daicho_devices gauge\n"
            "daicho_devices{status=\"active\",site=\"a\"} 3\n"
            "# HELP daicho_x_seconds Two lines\\nand a \\\\ in the help.\n"
            "# TYPE daicho_x_seconds counter\n"
            "daicho_x_seconds 0.5\n");
}

struct ValueCase {
  const char* name;
  std::string value;
  std::string read;
};

class LabelValue : public testing::TestWithParam<ValueCase> {};

TEST_P(LabelValue, IsReadBack) {
  Exposition out;
  out.Family("x", "help", MetricType::kGauge);
  out.Sample({{"name", GetParam().value}, {"other", "o"}}, std::uint64_t{1});
  const auto read = ReadExposition(out.Take());
  EXPECT_THAT(read.faults, IsEmpty());
  EXPECT_EQ(read.Value("x", {{"name", GetParam().read}, {"other", "o"}}), 1);
}

INSTANTIATE_TEST_SUITE_P(Table, LabelValue,
                         testing::Values(ValueCase{"plain", "ledger-weekly", "ledger-weekly"},
                                         ValueCase{"empty", "", ""}, ValueCase{"quote", "a\"b", "a\"b"},
                                         ValueCase{"backslash", "a\\nb\\", "a\\nb\\"},
                                         ValueCase{"line_feed", "a\nb\n", "a\nb\n"},
                                         ValueCase{"braces", "a\"} 1\nforged 2", "a\"} 1\nforged 2"},
                                         ValueCase{"japanese", "台帳", "台帳"},
                                         ValueCase{"no_text",
                                                   "a\xff"
                                                   "b",
                                                   "a\xef\xbf\xbd"
                                                   "b"}),
                         [](const auto& tested) { return std::string(tested.param.name); });

struct NumberCase {
  double value;
  const char* text;
};

TEST(Exposition, NumbersAreShortAndExact) {
  for (const auto& [value, text] :
       {NumberCase{0, "0"}, NumberCase{0.0005, "0.0005"}, NumberCase{2.5, "2.5"},
        NumberCase{0.1 + 0.2, "0.30000000000000004"}, NumberCase{-1, "-1"},
        NumberCase{std::numeric_limits<double>::infinity(), "+Inf"},
        NumberCase{-std::numeric_limits<double>::infinity(), "-Inf"}, NumberCase{std::nan(""), "NaN"}}) {
    Exposition out;
    out.Family("x", "help", MetricType::kGauge);
    out.Sample({}, value);
    EXPECT_EQ(out.Take(), "# HELP x help\n# TYPE x gauge\nx " + std::string(text) + "\n");
  }
  Exposition out;
  out.Family("x", "help", MetricType::kGauge);
  out.Sample({}, std::numeric_limits<std::uint64_t>::max());
  EXPECT_TRUE(out.Take().ends_with("x 18446744073709551615\n"));
}

TEST(Exposition, HistogramIsCumulative) {
  constexpr double kBounds[] = {0.5, 1, 2};
  Histogram histogram(kBounds);
  for (const double value : {0.1, 0.5, 0.6, 2.0, 7.0}) histogram.Observe(value);
  Exposition out;
  out.Family("x", "help", MetricType::kHistogram);
  out.Sample({{"method", "m"}}, histogram);
  const std::string text = out.Take();
  EXPECT_NE(text.find("x_bucket{method=\"m\",le=\"0.5\"} 2\nx_bucket{method=\"m\",le=\"1\"} 3\n"
                      "x_bucket{method=\"m\",le=\"2\"} 4\nx_bucket{method=\"m\",le=\"+Inf\"} 5\n"),
            std::string::npos)
      << text;
  EXPECT_THAT(ReadExposition(text).faults, IsEmpty());
  EXPECT_EQ(ReadExposition(text).Value("x_count", {{"method", "m"}}), 5);
  EXPECT_DOUBLE_EQ(ReadExposition(text).Value("x_sum", {{"method", "m"}}), 10.2);
}

TEST(Histogram, CountsOfManyThreadsAreExact) {
  Histogram histogram(DurationBounds());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) histogram.Observe(i % 2 == 0 ? 0.0001 : 100);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(histogram.count(0), 20'000u);
  EXPECT_EQ(histogram.count(histogram.bounds().size()), 20'000u);
  EXPECT_NEAR(histogram.sum(), 20'000 * 100.0001, 1e-3);
}

// The reader is the measure of the other tests, so it is measured itself.
TEST(ExpositionReader, SeesFaults) {
  const auto faults = [](const std::string& text) { return ReadExposition(text).faults; };
  const std::string head = "# HELP x h\n# TYPE x gauge\n";
  EXPECT_THAT(faults(head + "x 1\n"), IsEmpty());
  EXPECT_THAT(faults(head + "x 1"), ElementsAre("the last line has no end"));
  EXPECT_THAT(faults(head + "x{a=\"1} 1\n"), ElementsAre("no sample: x{a=\"1} 1"));
  EXPECT_THAT(faults(head + "x one\n"), ElementsAre("no sample: x one"));
  EXPECT_THAT(faults(head + "x 1\nx 2\n"), ElementsAre("given twice: x 2"));
  EXPECT_THAT(faults(head + "y 1\n"), ElementsAre("a sample of another family than x: y 1"));
  EXPECT_THAT(faults(head + head), ElementsAre("x is there twice", "wrong type: # TYPE x gauge"));
  EXPECT_THAT(faults("# HELP x h\nx 1\n"), ElementsAre("x has no type"));
  const std::string histogram = "# HELP h h\n# TYPE h histogram\n";
  EXPECT_THAT(faults(histogram + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n"),
              ElementsAre("h: buckets are not cumulative at +Inf"));
  EXPECT_THAT(faults(histogram + "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n"),
              ElementsAre("h: count and last bucket differ"));
}

}  // namespace
}  // namespace daicho::collector
