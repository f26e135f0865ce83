// The short questions of every call, on any engine. Threads: as the connection. The engine's errors are the Result's.
#pragma once

#include <optional>
#include <string_view>

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

// Store::FindToken.
Result<TokenGrant> FindToken(Connection& connection, std::string_view token_hash, UnixTime now);

// Store::FindDevice.
Result<DeviceStatus> FindDevice(Connection& connection, std::string_view device_id);

// The store's number of a device. kNotFound.
Result<std::int64_t> FindDeviceNumber(Connection& connection, std::string_view device_id);

}  // namespace daicho::collector
