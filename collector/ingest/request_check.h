// What a request must fulfil before the store sees it. Pure; thread-safe.
#pragma once

#include <vector>

#include "common/error.h"
#include "daicho/v1/agent.pb.h"

namespace daicho::collector {

inline constexpr int kMaxSections = 64;

// Cuts what a check-in tells about the agent itself to the limits of common/protocol.h, the newest overruns stay. It is
// never a reason to refuse: the device would come back with the same.
void CutTelemetry(v1::CheckInRequest& request);

// kInvalidArgument: the message names the section and the field.
Status CheckCheckIn(const v1::CheckInRequest& request);

// kInvalidArgument: the request as a whole is unusable (too many sections, a section twice).
Status CheckReport(const v1::ReportRequest& request);

// For a section that is over a limit or has a status that carries no rows: REJECTED with the place. Otherwise a result
// without outcome.
v1::SectionResult CheckSection(const v1::SectionDelta& section);

}  // namespace daicho::collector
