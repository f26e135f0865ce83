// The collector at work: everything that `daicho-collector run` starts, in the order in which parts need each other.
#pragma once

#include <string>

#include "common/error.h"

namespace daicho::collector {

// Serves until SIGTERM or SIGINT, then a success. Writes STATE/endpoints.json when ready
// and removes it at the end. kFailedPrecondition: another collector runs on STATE, or the ledger is of a newer version;
// kInvalidArgument: configuration or rules, with the place; kUnavailable: an address cannot be bound.
Status Run(const std::string& state);

}  // namespace daicho::collector
