// Findings, scheduled exports, leases and the journal. As device_writes.h.
#pragma once

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

void Apply(Connection& connection, FindingsWrite& write);
void Apply(Connection& connection, WaiveWrite& write);
void Apply(Connection& connection, ExportRunWrite& write);
void Apply(Connection& connection, LeaseWrite& write);
void Apply(Connection& connection, JournalWrite& write);

}  // namespace daicho::collector
