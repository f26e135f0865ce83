// Tells the service manager how a resident program is. Protocol: sd_notify(3), one datagram to $NOTIFY_SOCKET.
#pragma once

#include <string_view>

#include "common/error.h"

namespace daicho {

// `message` is lines of VARIABLE=VALUE: "READY=1\nSTATUS=…". Does nothing without a service manager. kInvalidArgument:
// the variable holds no socket address; kUnavailable: nobody receives.
Status NotifyServiceManager(std::string_view message);

}  // namespace daicho
