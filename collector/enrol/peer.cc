#include "collector/enrol/peer.h"

#include <grpc/grpc_security_constants.h>

#include <mutex>
#include <unordered_map>
#include <utility>

#include "common/delta.h"
#include "common/protocol.h"
#include "common/text.h"
#include "common/x509.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxStatusMessage = 2000;  // gRPC peers allow 8 KiB of headers by default

Result<Peer> ReadPeer(std::string_view pem) {
  const auto info = ReadCertificate(pem);
  if (!info) return Fail(Code::kUnauthenticated, info.error().message);
  auto identity = ParseIdentity(info->identity_uri);
  if (!identity) return Fail(Code::kPermissionDenied, identity.error().message);
  return Peer{.identity = std::move(*identity), .certificate_serial = info->serial_hex};
}

// Who was read from which certificate: each call asks twice, on two threads that serve all connections in turn, and
// reading a certificate costs more than the rest of a small call.
class ReadPeers {
 public:
  Result<Peer> Read(std::string_view pem) {
    std::string digest = Sha256(pem);
    {
      const std::lock_guard lock(mutex_);
      if (const auto known = peers_.find(digest); known != peers_.end()) return known->second;
    }
    Result<Peer> peer = ReadPeer(pem);
    if (peer) Keep(std::move(digest), *peer);
    return peer;
  }

  void Keep(std::string digest, Peer peer) {
    const std::lock_guard lock(mutex_);
    if (peers_.size() >= kMaxPeers) peers_.clear();
    peers_.emplace(std::move(digest), std::move(peer));
  }

 private:
  static constexpr std::size_t kMaxPeers = 16'384;  // about 4 MB

  std::mutex mutex_;
  std::unordered_map<std::string, Peer> peers_;  // by the SHA-256 of the certificate
};

ReadPeers& KnownPeers() {
  static ReadPeers peers;
  return peers;
}

}  // namespace

Result<Peer> PeerOf(const grpc::ServerContextBase& context) {
  const auto auth = context.auth_context();
  const auto pems = auth->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pems.empty()) {
    return Fail(Code::kUnauthenticated,
                "the call came without a certificate of this collector's authority; enrol first");
  }
  return KnownPeers().Read({pems.front().data(), pems.front().size()});
}

void ExpectDevice(const IssuedCertificate& issued, std::string_view device_id) {
  KnownPeers().Keep(Sha256(issued.certificate_pem),
                    {.identity = DeviceIdentity{std::string(device_id)}, .certificate_serial = issued.serial_hex});
}

std::string PeerAddress(const grpc::ServerContextBase& context) { return CleanText(context.peer()); }

std::string PeerHost(std::string_view address) {
  const auto scheme = address.find(':');
  const auto port = address.rfind(':');
  if (scheme == std::string_view::npos || port <= scheme) return std::string(address);
  std::string_view host = address.substr(scheme + 1, port - scheme - 1);
  for (const std::string_view bracket : {"[", "%5B"}) {
    if (host.starts_with(bracket)) host.remove_prefix(bracket.size());
  }
  for (const std::string_view bracket : {"]", "%5D"}) {
    if (host.ends_with(bracket)) host.remove_suffix(bracket.size());
  }
  return std::string(host);
}

grpc::Status ToGrpc(const Error& error) {
  std::string message = CleanText(error.message);
  if (message.size() > kMaxStatusMessage) message = CleanText(message.substr(0, kMaxStatusMessage)) + " …";
  return {static_cast<grpc::StatusCode>(error.code), message};
}

Status CheckProtocol(std::uint32_t version) {
  if (SpeaksProtocol(version)) return {};
  return Fail(Code::kInvalidArgument, "protocol version " + std::to_string(version) +
                                          " is not spoken here (this collector has " +
                                          std::to_string(kProtocolVersion) + "): update the " +
                                          (version < kProtocolVersion ? "agent" : "collector") + " first");
}

}  // namespace daicho::collector
