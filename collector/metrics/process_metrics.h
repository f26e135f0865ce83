// What this process uses, under the names that Prometheus' own libraries give it (process_…), so that ready-made
// dashboards and alerts know it: proc(5), clock_gettime(2). Thread-safe.
#pragma once

#include <string_view>

#include "collector/metrics/exposition.h"
#include "common/clock.h"

namespace daicho::collector {

// process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds, process_max_fds,
// process_start_time_seconds and daicho_build_info. What cannot be read has no sample.
void WriteProcessMetrics(std::string_view version, UnixTime started_at, Exposition& out);

}  // namespace daicho::collector
