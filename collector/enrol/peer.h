// The peer of a gRPC call, by its certificate alone. Thread-safe.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>
#include <string_view>

#include "collector/enrol/authority.h"
#include "collector/enrol/identity.h"
#include "common/error.h"

namespace daicho::collector {

struct Peer {
  Identity identity;
  std::string certificate_serial;  // hex
};

// kUnauthenticated: no certificate (TLS has already refused one of another authority); kPermissionDenied: a certificate
// that names nobody.
Result<Peer> PeerOf(const grpc::ServerContextBase& context);

// The device will soon call with the certificate that was issued to it: it is not read once more then.
void ExpectDevice(const IssuedCertificate& issued, std::string_view device_id);

// The address the call came from, for the journal: "ipv4:192.0.2.5:40112".
std::string PeerAddress(const grpc::ServerContextBase& context);

// The host alone of such an address: "192.0.2.5", "2001:db8::5". Of anything else: the text as it is.
std::string PeerHost(std::string_view address);

// Same code numbers (common/error.h). The message is cut to what fits a trailer.
grpc::Status ToGrpc(const Error& error);

// kInvalidArgument unless this build speaks the version; says which side is to be updated.
Status CheckProtocol(std::uint32_t version);

}  // namespace daicho::collector
