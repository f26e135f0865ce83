// Bytes this process has moved over TCP. tcp(7) TCP_INFO of its open sockets, so TLS and HTTP/2 framing are included
// and TCP/IP headers are not. Exact while the connections are still open.
#pragma once

#include <cstdint>

namespace daicho::agent {

struct Traffic {
  std::uint32_t bytes_out = 0;
  std::uint32_t bytes_in = 0;
};

// Sum over the connected TCP sockets of /proc/self/fd.
Traffic OpenConnectionTraffic();

}  // namespace daicho::agent
