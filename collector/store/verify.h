// Proves a ledger: whatever can be recomputed is, and compared with what is stored.
#pragma once

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

// Store::Verify on a connection that is in no transaction: each device, and each page of the dictionary and the
// journal, is read in one of its own, so that no writer and no clearing-up waits for the end of the whole. kDataLoss:
// the first broken place, named; the engine's errors name what was read when they came.
Result<VerifyCounts> VerifyLedger(Connection& connection, const VerifyProgress& progress);

}  // namespace daicho::collector
