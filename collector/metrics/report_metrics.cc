#include "collector/metrics/report_metrics.h"

#include <algorithm>

#include "common/sections.h"

namespace daicho::collector {

ReportSize SizeOf(const v1::ReportRequest& request) {
  ReportSize size;
  for (const v1::SectionDelta& section : request.sections()) {
    size.rows += static_cast<std::uint64_t>(section.added_size());
    for (const std::string& row : section.added()) size.bytes += row.size();
  }
  return size;
}

ReportMetrics::ReportMetrics() : outcomes_(AllSections().size() + 1) {
  static_assert(v1::SectionOutcome_ARRAYSIZE == kOutcomes);
  for (const SectionType& section : AllSections()) sections_.push_back(section.name);
  sections_.push_back("other");
}

void ReportMetrics::Count(const ReportSize& size, const v1::ReportResponse& response) {
  for (const v1::SectionResult& result : response.results()) {
    const auto known = std::find(sections_.begin(), sections_.end() - 1, result.name());
    const auto section = static_cast<std::size_t>(known - sections_.begin());
    if (v1::SectionOutcome_IsValid(result.outcome())) outcomes_[section][result.outcome()].Add();
  }
  rows_.Add(size.rows);
  bytes_.Add(size.bytes);
}

void ReportMetrics::WriteTo(Exposition& out) const {
  out.Family("daicho_report_sections_total", "Sections in reports, by what became of them.", MetricType::kCounter);
  for (std::size_t section = 0; section < sections_.size(); ++section) {
    for (std::size_t outcome = v1::APPLIED; outcome < kOutcomes; ++outcome) {
      const std::uint64_t count = outcomes_[section][outcome].value();
      if (count == 0 && outcome != v1::APPLIED) continue;
      const std::string& name = v1::SectionOutcome_Name(static_cast<v1::SectionOutcome>(outcome));
      out.Sample({{"section", sections_[section]}, {"outcome", name}}, count);
    }
  }
  out.Family("daicho_report_rows_total", "Rows that came in reports.", MetricType::kCounter);
  out.Sample({}, rows_.value());
  out.Family("daicho_report_row_bytes_total", "Bytes of the rows that came in reports.", MetricType::kCounter);
  out.Sample({}, bytes_.value());
}

}  // namespace daicho::collector
