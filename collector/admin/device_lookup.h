// Finds the device an admin means. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "collector/store/store.h"
#include "common/error.h"

namespace daicho::collector {

// The id of the one device whose id is `text`, begins with it (4 digits or more), or whose host name it is (ASCII case
// does not count); of several, the one that is not revoked. kNotFound: none; kInvalidArgument: empty, or several: the
// message lists them.
Result<std::string> FindDeviceId(const Store& store, std::string_view text);

}  // namespace daicho::collector
