// Takes the TCP connections of a port, and not more at once from one address than the limit: one machine that opens
// connections without end must not use up what all share. What is over the limit is closed at once, unread.
//
// gRPC has no such limit, and does not tell when a connection has ended. That is seen by its descriptor: the socket is
// gone when the number no longer has the inode it had (fstat(2)). The gate accepts on a thread of its own. Used from
// one thread.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "collector/host_port.h"
#include "common/error.h"

namespace daicho::collector {

struct GateLimits {
  int connections_per_address = 1000;  // of IPv6: of a /64
  int files_kept = 100;                // of those the process may open (RLIMIT_NOFILE; at most a quarter): for others
};

class ConnectionGate {
 public:
  // Called on the gate's thread with a connected, non-blocking socket, which it owns from then on.
  using Take = std::function<void(int fd)>;

  // Listens on every address of `endpoint.host`; port 0 takes a free one; 0.0.0.0 means those of IPv6 as well, where
  // there are any. kUnavailable: the port is another process's, or the host has no address of this machine.
  static Result<std::unique_ptr<ConnectionGate>> Open(const HostPort& endpoint, const GateLimits& limits);
  // Nothing is taken afterwards; connections that were taken stay.
  ~ConnectionGate();
  ConnectionGate(const ConnectionGate&) = delete;
  ConnectionGate& operator=(const ConnectionGate&) = delete;

  std::uint16_t port() const { return port_; }

  // Begins to accept; those who came since Open() are waiting. Call it once. What `take` calls must outlive the gate.
  void Begin(Take take);

 private:
  struct Connection {
    int fd;
    std::optional<ino_t> inode;
    bool IsOpen() const;
  };
  struct Door {
    explicit Door(asio::io_context& io) : acceptor(io), pause(io) {}
    asio::ip::tcp::acceptor acceptor;
    asio::steady_timer pause;
  };
  // Of one network.
  struct Connections {
    std::vector<Connection> open;  // and some that have closed and were not looked at since
    std::size_t next = 0;          // to be looked at
    std::optional<std::chrono::steady_clock::time_point> told_at;  // that more are refused
    // Each who comes has the next few looked at, so that it costs the same however many there are.
    void LookAtSome();
  };
  static constexpr std::size_t kLooks = 16;
  static constexpr std::size_t kManyNetworks = 1024;

  explicit ConnectionGate(const GateLimits& limits) : limits_(limits) {}
  Status Listen(const HostPort& endpoint);
  void Wait(Door& door);
  void AcceptSome(Door& door);
  bool IsKeptForOthers(int fd) const;
  void LetIn(int fd, const asio::ip::address& network);
  void ForgetQuietNetworks();

  const GateLimits limits_;
  asio::io_context io_{1};
  std::list<Door> doors_;
  std::uint16_t port_ = 0;
  Take take_;
  std::map<asio::ip::address, Connections> connections_;  // the gate's thread only
  std::size_t look_at_networks_ = kManyNetworks;
  std::thread thread_;  // last: it uses the others
};

}  // namespace daicho::collector
