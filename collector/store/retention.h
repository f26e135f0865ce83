// What the ledger forgets. As device_writes.h: the result in the write, the engine's errors stick, the caller rolls
// back.
#pragma once

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

void Apply(Connection& connection, RetentionWrite& write);

}  // namespace daicho::collector
