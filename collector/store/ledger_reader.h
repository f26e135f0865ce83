// The short questions of every call, on any engine. Threads: as the connection. The engine's errors are the Result's.
#pragma once

#include <optional>
#include <string_view>

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

// Store::FindToken.
Result<TokenGrant> FindToken(Connection& connection, std::string_view token_hash, UnixTime now);

// Store::FindDevice. `is_renewed`: the certificate is a renewed one that was not used before.
Result<DeviceAccess> FindDevice(Connection& connection, std::string_view device_id, std::string_view certificate_serial,
                                bool& is_renewed);

// The store's number of a device. kNotFound.
Result<std::int64_t> FindDeviceNumber(Connection& connection, std::string_view device_id);

}  // namespace daicho::collector
