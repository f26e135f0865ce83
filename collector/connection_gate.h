// Takes the TCP connections of a port, and not more at once from one address than the limit: one machine that opens
// connections without end must not use up what all share. What is over the limit is closed at once, unread.
//
// gRPC has no such limit, and does not tell when a connection has ended. That is seen by its descriptor: the socket is
// gone when the number no longer has the inode it had (fstat(2)). The gate accepts on a thread of its own; when the
// process may open no more files, who comes waits (RLIMIT_NOFILE, accept(2)). Used from one thread.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "collector/host_port.h"
#include "common/error.h"

namespace daicho::collector {

class ConnectionGate {
 public:
  // Called on the gate's thread with a connected, non-blocking socket, which it owns from then on.
  using Take = std::function<void(int fd)>;

  // Listens on every address of `endpoint.host`; port 0 takes a free one; 0.0.0.0 means those of IPv6 as well, where
  // there are any. kUnavailable: the port is another process's, or the host has no address of this machine.
  static Result<std::unique_ptr<ConnectionGate>> Open(const HostPort& endpoint, int connections_per_address);
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
    ino_t inode;
  };

  // Of one address. Which have closed is looked at when as many again have come, so that it costs little for each.
  struct Connections {
    std::vector<Connection> open;  // and some that have closed since the last look
    std::size_t look_at = kFew;
    bool IsWorthALook(std::size_t limit) const;
    void ForgetClosed();
  };
  static constexpr std::size_t kFew = 8;
  static constexpr std::size_t kManyAddresses = 1024;

  explicit ConnectionGate(std::size_t limit) : limit_(limit) {}
  Status Listen(const HostPort& endpoint);
  void Wait(asio::ip::tcp::acceptor& acceptor);
  void AcceptAll(asio::ip::tcp::acceptor& acceptor);
  void LetIn(int fd, const asio::ip::address& address);
  void ForgetQuietAddresses();

  const std::size_t limit_;
  asio::io_context io_{1};
  asio::steady_timer pause_{io_};
  std::list<asio::ip::tcp::acceptor> acceptors_;
  std::uint16_t port_ = 0;
  Take take_;
  std::map<asio::ip::address, Connections> connections_;  // the gate's thread only
  std::size_t look_at_addresses_ = kManyAddresses;
  std::thread thread_;  // last: it uses the others
};

}  // namespace daicho::collector
