// What the collector counts, as a scrape shows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/metrics/call_metrics.h"
#include "collector/metrics/commit_metrics.h"
#include "collector/metrics/process_metrics.h"
#include "collector/metrics/report_metrics.h"
#include "tests/collector/metrics/exposition_reader.h"

namespace daicho::collector {
namespace {

using std::chrono::milliseconds;
using testing::IsEmpty;
using testing_metrics::ReadExposition;
using testing_metrics::ReadMetrics;

template <typename Metrics>
ReadMetrics Read(const Metrics& metrics) {
  Exposition out;
  metrics.WriteTo(out);
  ReadMetrics read = ReadExposition(out.Take());
  EXPECT_THAT(read.faults, IsEmpty());
  return read;
}

double Calls(const ReadMetrics& read, const std::string& service, const std::string& method, const std::string& code) {
  return read.Value("daicho_calls_total", {{"service", service}, {"method", method}, {"code", code}});
}

TEST(CallMetrics, CallsAreCountedByMethodAndCode) {
  CallMetrics metrics;
  metrics.Count("/daicho.v1.Inventory/CheckIn", 0, milliseconds(3));
  metrics.Count("/daicho.v1.Inventory/CheckIn", 0, milliseconds(300));
  metrics.Count("/daicho.v1.Inventory/CheckIn", 7, milliseconds(1));
  metrics.Count("/grpc.health.v1.Health/Check", 0, milliseconds(1));
  const auto read = Read(metrics);
  EXPECT_EQ(Calls(read, "daicho.v1.Inventory", "CheckIn", "OK"), 2);
  EXPECT_EQ(Calls(read, "daicho.v1.Inventory", "CheckIn", "PERMISSION_DENIED"), 1);
  EXPECT_EQ(Calls(read, "daicho.v1.Admin", "Export", "OK"), 0) << "a rate wants to begin at 0";
  EXPECT_EQ(Calls(read, "grpc.health.v1.Health", "Check", "OK"), 1);
  const std::map<std::string, std::string> check_in = {{"service", "daicho.v1.Inventory"}, {"method", "CheckIn"}};
  EXPECT_EQ(read.Value("daicho_call_duration_seconds_count", check_in), 3);
  EXPECT_DOUBLE_EQ(read.Value("daicho_call_duration_seconds_sum", check_in), 0.304);
}

TEST(CallMetrics, CallerCannotMakeSeries) {
  CallMetrics metrics;
  const std::size_t before = Read(metrics).families.at("daicho_calls_total").samples.size();
  for (int i = 0; i < 100; ++i) metrics.Count("/made.up/Method" + std::to_string(i), 1000 + i, milliseconds(1));
  metrics.Count("", 12, milliseconds(1));
  const auto read = Read(metrics);
  EXPECT_EQ(Calls(read, "unknown", "unknown", "UNKNOWN"), 100);
  EXPECT_EQ(Calls(read, "unknown", "unknown", "UNIMPLEMENTED"), 1);
  EXPECT_EQ(read.families.at("daicho_calls_total").samples.size(), before + 2);
}

TEST(ReportMetrics, SectionsRowsAndBytesAreCounted) {
  ReportMetrics metrics;
  v1::ReportRequest request;
  v1::SectionDelta& delta = *request.add_sections();
  delta.add_added("12345");
  delta.add_added("678");
  delta.add_removed(1);
  v1::ReportResponse response;
  for (const auto& [name, outcome] : {std::pair("software", v1::APPLIED), std::pair("accounts", v1::REJECTED),
                                      std::pair("made up by a device", v1::NOT_WANTED)}) {
    v1::SectionResult& result = *response.add_results();
    result.set_name(name);
    result.set_outcome(outcome);
  }
  metrics.Count(SizeOf(request), response);
  const auto read = Read(metrics);
  const auto sections = [&](const std::string& section, const std::string& outcome) {
    return read.Value("daicho_report_sections_total", {{"section", section}, {"outcome", outcome}});
  };
  EXPECT_EQ(sections("software", "APPLIED"), 1);
  EXPECT_EQ(sections("accounts", "REJECTED"), 1);
  EXPECT_EQ(sections("other", "NOT_WANTED"), 1);
  EXPECT_EQ(sections("accounts", "APPLIED"), 0);
  EXPECT_EQ(read.Value("daicho_report_rows_total"), 2);
  EXPECT_EQ(read.Value("daicho_report_row_bytes_total"), 8);
}

TEST(CommitMetrics, FailuresAreNoCommits) {
  CommitMetrics metrics;
  const Status good;
  const Status full = Fail(Code::kResourceExhausted, "disk full");
  metrics.Count({.writes = 3, .took = milliseconds(2), .done = good});
  metrics.Count({.writes = 1, .took = milliseconds(2), .done = full});
  Exposition out;
  metrics.WriteTo({.waiting = 17, .serving = false}, out);
  const auto read = ReadExposition(out.Take());
  EXPECT_THAT(read.faults, IsEmpty());
  EXPECT_EQ(read.Value("daicho_commits_total"), 1);
  EXPECT_EQ(read.Value("daicho_commit_failures_total"), 1);
  EXPECT_EQ(read.Value("daicho_commit_writes_sum"), 4);
  EXPECT_EQ(read.Value("daicho_commit_duration_seconds_count"), 2);
  EXPECT_EQ(read.Value("daicho_commit_queue_writes"), 17);
  EXPECT_EQ(read.Value("daicho_store_serving"), 0);
}

TEST(ProcessMetrics, AreOfThisProcess) {
  Exposition out;
  WriteProcessMetrics("1.2.3", 1'700'000'000, out);
  const auto read = ReadExposition(out.Take());
  EXPECT_THAT(read.faults, IsEmpty());
  EXPECT_GT(read.Value("process_resident_memory_bytes"), 1e6);
  EXPECT_LT(read.Value("process_resident_memory_bytes"), 1e10);
  EXPECT_GE(read.Value("process_cpu_seconds_total"), 0);
  EXPECT_GE(read.Value("process_open_fds"), 3);
  EXPECT_GT(read.Value("process_max_fds"), 3);
  EXPECT_EQ(read.Value("process_start_time_seconds"), 1'700'000'000);
  EXPECT_EQ(read.Value("daicho_build_info", {{"version", "1.2.3"}}), 1);
}

}  // namespace
}  // namespace daicho::collector
