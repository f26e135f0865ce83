// The proof of a ledger (Store::Verify) for the commands that give one: verify, backup, restore, migrate-store. Used
// from one thread.
#pragma once

#include "collector/store/store.h"
#include "collector/verdict.h"

namespace daicho::collector {

// With progress on a terminal.
Result<VerifyCounts> Prove(const Store& store);

}  // namespace daicho::collector
