// Reports: what the ledger says, as pure tables. A new report is one file and one line of the registry in report.cc.
//
// A column that only a person can fill (管理番号, 設置場所 …) is there and stays empty. Findings are read as the store
// has them: refresh them first (FindingsEngine). Reads through Store::Select and Store::ScanSoftware only, and keeps no
// more than what the devices and the findings are; thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "collector/reports/table.h"
#include "collector/rules/rule_set.h"
#include "collector/rules/zone.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

struct ReportContext {
  const Store& store;
  const RuleSet& rules;
  UnixTime now = 0;
  Language language = Language::kJapanese;  // of the cells; headers come in both
  std::string_view zone = kDefaultZone;     // of dates within sentences
};

struct ReportType {
  std::string_view name;  // "ledger"
  // Gives `sink` the head and the rows. The errors are the store's; a sink that wants no more rows is a success.
  Status (*build)(const ReportContext& context, TableSink& sink);
};

// ledger, software, accounts, findings.
std::span<const ReportType> AllReports();

// Builds the report of that name. kInvalidArgument: there is none; the message lists those there are.
Status BuildReport(const ReportContext& context, std::string_view what, TableSink& sink);

// A success, or the error BuildReport would give for the name.
Status CheckReportName(std::string_view what);

}  // namespace daicho::collector
