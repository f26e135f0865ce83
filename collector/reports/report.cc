#include "collector/reports/report.h"

#include <algorithm>
#include <iterator>

#include "collector/reports/report_builders.h"

namespace daicho::collector {

namespace {

constexpr ReportType kReports[] = {
    {"ledger", BuildLedger},
    {"software", BuildSoftware},
    {"accounts", BuildAccounts},
    {"findings", BuildFindings},
};

const ReportType* Find(std::string_view what) {
  const auto* found =
      std::find_if(std::begin(kReports), std::end(kReports), [&](const ReportType& type) { return type.name == what; });
  return found == std::end(kReports) ? nullptr : found;
}

}  // namespace

std::span<const ReportType> AllReports() { return kReports; }

Status CheckReportName(std::string_view what) {
  if (Find(what) != nullptr) return {};
  std::string names;
  for (const ReportType& type : kReports) names += (names.empty() ? "" : ", ") + std::string(type.name);
  return Fail(Code::kInvalidArgument, "no report '" + std::string(what) + "'; valid: " + names);
}

Status BuildReport(const ReportContext& context, std::string_view what, TableSink& sink) {
  if (auto known = CheckReportName(what); !known) return known;
  return Find(what)->build(context, sink);
}

}  // namespace daicho::collector
