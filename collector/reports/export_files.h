// The files of a scheduled export and their retention.
#pragma once

#include <string>
#include <string_view>

#include "collector/reports/export_job.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

// "NAME-YYYYMMDD-HHMM.csv", the time that of the schedule's zone.
std::string ExportFileName(const ExportJob& job, UnixTime at);

// Whether a file of that name was written by this job, and not by another one whose name begins alike.
bool IsExportOf(const ExportJob& job, std::string_view file_name);

// Deletes all but the newest `keep` files of the job. The error names the file that could not be deleted.
Status RemoveOldExports(const ExportJob& job);

}  // namespace daicho::collector
