// The reports of the registry (report.cc), one file each.
#pragma once

#include "collector/reports/report.h"

namespace daicho::collector {

// 機器台帳: a line a device that is not revoked.
Result<Table> BuildLedger(const ReportContext& context);
// ソフトウェア一覧: a line a package a device. Removed packages are listed with their judgement.
Result<Table> BuildSoftware(const ReportContext& context);
// アカウント一覧: accounts of people, and all that somebody can log in to or that have administrator rights.
Result<Table> BuildAccounts(const ReportContext& context);
// 指摘一覧: open first, then waived, then resolved; of devices that are not revoked.
Result<Table> BuildFindings(const ReportContext& context);

}  // namespace daicho::collector
