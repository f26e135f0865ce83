// Writes on tokens, devices and their certificates. Each fills the write's `result`; the engine's errors stick to the
// connection. A write whose result is an error is rolled back by the caller. Threads: the writer's only.
#pragma once

#include "collector/store/connection.h"
#include "collector/store/device_line.h"
#include "collector/store/store.h"

namespace daicho::collector {

void Apply(Connection& connection, TokenWrite& write);
void Apply(Connection& connection, EnrolWrite& write);
void Apply(Connection& connection, RenewWrite& write);
void Apply(Connection& connection, RevokeWrite& write);

// A device that speaks for itself, as it was before what it says now.
struct Caller {
  std::int64_t device = 0;  // the store's number
  HeldLine line;
  std::optional<std::int64_t> clock_skew_seconds;
};

// kPermissionDenied: not known, revoked, or the certificate with this serial is not (any more) accepted from it. A
// renewed certificate that comes for the first time becomes the current one.
Result<Caller> AdmitCaller(Connection& connection, std::string_view device_id, std::string_view serial);

// As AdmitCaller; kFailedPrecondition: not the device that checked in last.
Result<Caller> AdmitCaller(Connection& connection, std::string_view device_id, std::string_view serial,
                           std::string_view continuation);

}  // namespace daicho::collector
