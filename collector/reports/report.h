// Reports: what the ledger says, as pure tables. A new report is one file and one line of the registry in report.cc.
//
// A column that only a person can fill (管理番号, 設置場所 …) is there and stays empty. Findings are read as the store
// has them: refresh them first (FindingsEngine). Reads through Store::Select only; thread-safe.
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
  Result<Table> (*build)(const ReportContext& context);
};

// ledger, software, accounts, findings.
std::span<const ReportType> AllReports();

// kInvalidArgument: no report of that name; the message lists those there are.
Result<Table> BuildReport(const Store& store, const RuleSet& rules, std::string_view what, UnixTime now,
                          Language language, std::string_view zone = kDefaultZone);

// A success, or the error BuildReport would give for the name.
Status CheckReportName(std::string_view what);

}  // namespace daicho::collector
