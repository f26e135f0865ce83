// A scheduled export, an [[export]] entry of the collector's configuration:
//
//   name = "ledger-weekly"             lower-case letters, digits, hyphens: beginning of the files' names
//   what = "ledger"                    report (report.h)
//   format = "csv"                     csv, json
//   lang = "ja"                        ja, en (default ja)
//   folder = "/srv/share/ledger"       where the files go; absolute, and there already
//   schedule = "weekly monday 06:30 Asia/Tokyo"   (schedule.h); its zone is that of the times in the file
//   keep = 12                          how many files of this job stay, 1..10000 (default 30)
//
// Pure.
#pragma once

#include <cstdint>
#include <string>

#include "collector/reports/schedule.h"
#include "collector/reports/table.h"
#include "common/error.h"
#include "common/toml_forward.h"

namespace daicho::collector {

struct ExportJob {
  std::string name;
  std::string what;
  std::string format;
  Language lang = Language::kJapanese;
  std::string folder;
  Schedule schedule;
  std::uint32_t keep = 30;
};

// kInvalidArgument: `file:line:column: what`, naming the key and those that are valid. That names are distinct is the
// caller's to check.
Result<ExportJob> ParseExportJob(const toml::table& entry, const std::string& file);

}  // namespace daicho::collector
