// What of a section's change cannot be right whatever is held. Pure; thread-safe.
#pragma once

#include <string>

#include "daicho/v1/agent.pb.h"

namespace daicho::collector {

// Status, sizes of digests and rows, row counts (common/protocol.h). Empty: no fault; otherwise with the place.
std::string FindFormFault(const v1::SectionDelta& delta);

}  // namespace daicho::collector
