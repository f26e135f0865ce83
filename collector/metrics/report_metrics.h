// What devices reported: sections by outcome, rows and their bytes. Thread-safe; counting takes no lock.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "collector/metrics/counter.h"
#include "collector/metrics/exposition.h"
#include "daicho/v1/agent.pb.h"

namespace daicho::collector {

struct ReportSize {
  std::uint64_t rows = 0;  // those added
  std::uint64_t bytes = 0;
};
ReportSize SizeOf(const v1::ReportRequest& request);

class ReportMetrics {
 public:
  ReportMetrics();

  // A report that was answered.
  void Count(const ReportSize& size, const v1::ReportResponse& response);

  // daicho_report_sections_total, daicho_report_rows_total, daicho_report_row_bytes_total. Sections that this collector
  // does not know are one, "other": a device may name them as it likes.
  void WriteTo(Exposition& out) const;

 private:
  static constexpr std::size_t kOutcomes = 6;  // of v1::SectionOutcome

  std::vector<std::string_view> sections_;  // of common/sections.h, and "other"
  std::vector<std::array<Counter, kOutcomes>> outcomes_;
  Counter rows_;
  Counter bytes_;
};

}  // namespace daicho::collector
