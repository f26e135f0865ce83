// Proves a ledger: whatever can be recomputed is, and compared with what is stored.
#pragma once

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

// Store::Verify on a connection in a transaction that reads. kDataLoss: the first broken place, named; the engine's
// errors name what was read when they came.
Result<VerifyCounts> VerifyLedger(Connection& connection, const VerifyProgress& progress);

}  // namespace daicho::collector
