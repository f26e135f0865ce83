// Rows of the views as messages of admin.proto. Pure; thread-safe.
#pragma once

#include "collector/admin/row.h"
#include "daicho/v1/admin.pb.h"
#include "daicho/v1/agent.pb.h"

namespace daicho::collector {

// Columns of the view that the function below reads, and where from; to be followed by WHERE and ORDER BY.
inline constexpr const char* kSelectDevice =
    "SELECT device_id, hostname, status, os_name, os_version, kernel, manufacturer, model, serial, addresses, macs, "
    "enrolled_at, last_seen, revoked_at, agent_version, clock_skew_seconds, software_count, account_count, "
    "cycle_cpu_ms, cycle_peak_rss_kib, cycle_bytes_out, cycle_overruns, (SELECT count(*) FROM finding WHERE "
    "finding.device_id = device.device_id AND finding.status = 'open') AS open_findings FROM device ";

v1::Device DeviceFrom(const Row& row);
// What the last cycle cost, from the same row.
v1::CycleUsage CycleFrom(const Row& row);

inline constexpr const char* kSelectSection =
    "SELECT section, status, reason, row_count, issue_count, issues, digest FROM section ";
// Of one device at one moment, whole: parameters :device and :at. What issues there were is not kept.
inline constexpr const char* kSelectSectionThen =
    "SELECT section, status, reason, row_count, digest FROM section_history WHERE device_id = :device AND valid_from "
    "<= "
    ":at AND (valid_to IS NULL OR valid_to > :at) ORDER BY section";
v1::SectionState SectionFrom(const Row& row);

v1::SoftwareEntry SoftwareFrom(const Installation& installation);

}  // namespace daicho::collector
