// Writes on tokens, devices and their certificates. Each fills the write's `result`; the engine's errors stick to the
// connection. A write whose result is an error is rolled back by the caller. Threads: the writer's only.
#pragma once

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

void Apply(Connection& connection, TokenWrite& write);
void Apply(Connection& connection, EnrolWrite& write);
void Apply(Connection& connection, RenewWrite& write);
void Apply(Connection& connection, RevokeWrite& write);

// The store's number of a device that may report. kNotFound, kPermissionDenied (revoked).
Result<std::int64_t> FindReportingDevice(Connection& connection, std::string_view device_id);

// A renewed certificate is used for the first time: it becomes the current one, the one before it is refused from now.
void PromoteCertificate(Connection& connection, std::string_view serial);

}  // namespace daicho::collector
