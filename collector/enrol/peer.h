// The peer of a gRPC call, by its certificate alone. Thread-safe.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "collector/enrol/identity.h"
#include "common/error.h"

namespace daicho::collector {

struct Peer {
  Identity identity;
  std::string certificate_serial;  // hex
};

// kUnauthenticated: no certificate (TLS has already refused one of another authority); kPermissionDenied: a certificate
// that names nobody.
Result<Peer> PeerOf(const grpc::ServerContext& context);

// The address the call came from, for the journal: "ipv4:192.0.2.5:40112".
std::string PeerAddress(const grpc::ServerContext& context);

// Same code numbers (common/error.h). The message is cut to what fits a trailer.
grpc::Status ToGrpc(const Error& error);

// INVALID_ARGUMENT unless this build speaks the version; says which side is to be updated.
grpc::Status CheckProtocol(std::uint32_t version);

}  // namespace daicho::collector
