// One TLS port with gRPC services on it, and gRPC's health service (grpc.health.v1) beside them: service "" is SERVING
// as long as the store takes writes.
//
// PrepareTls() (common/tls.h) must have run in the process before anything of gRPC. Limits:
// messages of kMaxMessageBytes, bounded threads and memory, slow handshakes and idle connections are closed. A Listener
// is used from one thread; the services are called from gRPC's.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/calls/call_observer.h"
#include "collector/enrol/authority.h"
#include "collector/store_health.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

struct ListenerSettings {
  std::string address;                // HOST:PORT; port 0 takes a free one
  bool certificate_required = false;  // false: a caller without certificate is served (Enrol), a wrong one is not
  int max_threads = 64;
  int max_memory_mib = 512;  // of buffers; new connections are refused beyond
  // Both must outlive the listener. Absent: always SERVING, calls are not observed.
  StoreHealth* health = nullptr;
  std::optional<CallMeters> meters = std::nullopt;
};

class Listener {
 public:
  // kUnavailable: the address cannot be bound; kInternal: gRPC took key or certificate not. The services must outlive
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
  Listener(std::unique_ptr<grpc::Server> server, std::string endpoint, StoreHealth* health);

  std::unique_ptr<grpc::Server> server_;
  std::string endpoint_;
  StoreHealth* const health_;
  std::optional<StoreHealth::Subscription> subscription_;
};

}  // namespace daicho::collector
