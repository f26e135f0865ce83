// One light gRPC channel to a collector. gRPC's threads are its own; functions are thread-compatible.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "agent/identity/identity.h"
#include "common/error.h"

namespace daicho::agent {

// TLS 1.3 only, quiet, native resolver, no proxy. Changes the environment: call before the first use of gRPC.
void PrepareGrpc();

// Server-authenticated with the authority pinned; with the identity's key and certificate if it has them. The collector
// is known by the name in its certificate (kCollectorServerName), not by `endpoint`. Connects at the first call.
std::shared_ptr<grpc::Channel> OpenChannel(const std::string& endpoint, const Identity& identity);

// A call to `endpoint` failed. The message says what to do next and has the collector's id of the call (empty: it has
// none).
Error CallError(const grpc::Status& status, const std::string& endpoint, const std::string& request_id = {});

}  // namespace daicho::agent
