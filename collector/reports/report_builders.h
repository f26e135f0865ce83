// The reports of the registry (report.cc), one file each.
#pragma once

#include "collector/reports/report.h"

namespace daicho::collector {

// 機器台帳: a line a device that is not revoked.
Status BuildLedger(const ReportContext& context, TableSink& sink);
// ソフトウェア一覧: a line a package a device. Removed packages are listed with their judgement.
Status BuildSoftware(const ReportContext& context, TableSink& sink);
// アカウント一覧: accounts of people, and all that somebody can log in to or that have administrator rights.
Status BuildAccounts(const ReportContext& context, TableSink& sink);
// 指摘一覧: open first, then waived, then resolved; of devices that are not revoked.
Status BuildFindings(const ReportContext& context, TableSink& sink);

}  // namespace daicho::collector
