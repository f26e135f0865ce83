// HOST:PORT as people write it in configurations. Pure but for FreePort; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.h"

namespace daicho::collector {

struct HostPort {
  std::string host;  // a name or an address, IPv6 without brackets
  std::uint16_t port = 0;
};

// "HOST:PORT" or "[IPV6]:PORT". kInvalidArgument otherwise; the message shows the text and the two forms.
Result<HostPort> ParseHostPort(std::string_view text);

// The same form again.
std::string ToText(const HostPort& endpoint);

// A port of this host on which nobody listens now. Another process may take it before it is used. kUnavailable.
Result<std::uint16_t> FreePort(const std::string& host);

// "localhost" or an address of 127.0.0.0/8 or ::1: this machine alone reaches it.
bool IsLoopback(const std::string& host);

// A DNS name or an IP address, as a certificate may carry it.
bool IsServerName(std::string_view text);

}  // namespace daicho::collector
