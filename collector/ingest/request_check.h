// What a request must fulfil before the store sees it. Pure; thread-safe.
#pragma once

#include <vector>

#include "common/error.h"
#include "daicho/v1/agent.pb.h"

namespace daicho::collector {

inline constexpr int kMaxSections = 64;

// Cuts texts, issues and overruns to the limits of common/protocol.h (the newest overruns stay), and makes a section
// FAILED whose state cannot be used, with the reason. Neither is ever a reason to refuse the check-in: the device would
// come back with the same, and its other sections would be lost with it.
void MendCheckIn(v1::CheckInRequest& request);

// kInvalidArgument: too many sections, a section without a usable name or named twice; the message names the section.
Status CheckCheckIn(const v1::CheckInRequest& request);

// kInvalidArgument: the request as a whole is unusable (too many sections, a section twice).
Status CheckReport(const v1::ReportRequest& request);

}  // namespace daicho::collector
