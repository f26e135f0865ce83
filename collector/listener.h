// One TLS port with gRPC services on it, and gRPC's health service (grpc.health.v1) beside them: service "" is SERVING
// as long as the store takes writes.
//
// PrepareTls() (common/tls.h) must have run in the process before anything of gRPC. Limits: messages of
// kMaxMessageBytes, bounded threads, memory and connections of one address (ConnectionGate); slow handshakes, idle
// connections and, where an age is given, those of callers who never come to an end are closed. A Listener is used from
// one thread; the services are called from gRPC's.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/calls/call_observer.h"
#include "collector/connection_gate.h"
#include "collector/enrol/authority.h"
#include "collector/store_health.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

// gRPC calls a handler when the whole request is there, so nothing else ends a call that comes byte by byte.
struct ConnectionAge {
  std::chrono::milliseconds last_call;  // afterwards it takes no new calls (a tenth more or less)
  std::chrono::milliseconds to_finish;  // so much later it is cut off
};

struct ListenerSettings {
  std::string address;                // HOST:PORT; port 0 takes a free one
  bool certificate_required = false;  // false: a caller without certificate is served (Enrol), a wrong one is not
  int max_threads = 64;
  int max_memory_mib = 512;  // of buffers; new connections are refused beyond
  GateLimits gate = {};
  std::optional<ConnectionAge> age = std::nullopt;  // absent: a call may take as long as it moves
  // Both must outlive the listener. Absent: always SERVING, calls are not observed.
  StoreHealth* health = nullptr;
  std::optional<CallMeters> meters = std::nullopt;
};

class Listener {
 public:
  // kUnavailable: the address cannot be bound; kInternal: key and certificate do not fit. The services must outlive
  // the listener.
  static Result<std::unique_ptr<Listener>> Start(const ListenerSettings& settings, const Authority& authority,
                                                 const Credential& server, const std::vector<grpc::Service*>& services);
  // Takes no new calls, gives running ones two seconds.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // HOST:PORT with the port that was taken.
  const std::string& endpoint() const { return endpoint_; }

 private:
  using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
  Listener(std::unique_ptr<grpc::Server> server, std::unique_ptr<Acceptor> acceptor,
           std::unique_ptr<ConnectionGate> gate, std::string endpoint, StoreHealth* health);

  std::unique_ptr<grpc::Server> server_;
  const std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<ConnectionGate> gate_;
  std::string endpoint_;
  StoreHealth* const health_;
  std::optional<StoreHealth::Subscription> subscription_;
};

}  // namespace daicho::collector
