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
  bool has_next_certificate = false;  // a renewed one, for the first time
};

// kPermissionDenied: not known, revoked, or the certificate with this serial is not (any more) accepted from it.
Result<Caller> AdmitCaller(Connection& connection, std::string_view device_id, std::string_view serial);

// The caller is the device, and no copy of it: a renewed certificate becomes the current one, and the one before it is
// refused from now on.
void AcceptCertificate(Connection& connection, const Caller& caller, std::string_view serial);

// Both; kFailedPrecondition: not the device that checked in last.
Result<Caller> AdmitCaller(Connection& connection, std::string_view device_id, std::string_view serial,
                           std::string_view continuation);

}  // namespace daicho::collector
