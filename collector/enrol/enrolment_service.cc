#include "collector/enrol/enrolment_service.h"

#include <utility>

#include "collector/enrol/peer.h"
#include "collector/enrol/token.h"
#include "common/protocol.h"
#include "common/text.h"
#include "common/x509.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxToken = 256;
constexpr std::size_t kMaxAgentVersion = 64;

Status CheckRequest(const v1::EnrolRequest& request) {
  if (request.token().empty() || request.token().size() > kMaxToken) {
    return Fail(Code::kPermissionDenied, "malformed token");
  }
  if (request.hostname().size() > kMaxHostnameBytes) {
    return Fail(Code::kInvalidArgument, "hostname: longer than 253 bytes");
  }
  if (request.agent_version().size() > kMaxAgentVersion) {
    return Fail(Code::kInvalidArgument, "agent_version: longer than 64 bytes");
  }
  return {};
}

}  // namespace

Result<v1::EnrolResponse> EnrolmentService::EnrolDevice(const v1::EnrolRequest& request) {
  if (auto good = CheckRequest(request); !good) return std::unexpected(good.error());
  const std::string hash = TokenHash(request.token());
  const UnixTime now = parts_.clock.Now();
  const auto grant = parts_.store.FindToken(hash, now);
  if (!grant) return std::unexpected(grant.error());
  const std::string device_id = grant->device_id.empty() ? RandomHex(16) : grant->device_id;
  const std::string hostname = CleanText(request.hostname());
  auto issued = parts_.authority.IssueDevice(request.csr_pem(), device_id, hostname, now, device_days_);
  if (!issued) return std::unexpected(issued.error());
  EnrolWrite write;
  write.token_hash = hash;
  write.device_id = device_id;
  write.hostname = hostname;
  write.agent_version = CleanText(request.agent_version());
  write.certificate_serial = issued->serial_hex;
  write.certificate_not_after = issued->not_after;
  write.at = now;
  const auto written = parts_.committer.Submit(std::move(write));
  if (!written) return std::unexpected(written.error());
  if (!written->result) return std::unexpected(written->result.error());
  ExpectDevice(*issued, device_id);
  v1::EnrolResponse response;
  response.set_device_id(device_id);
  response.set_certificate_pem(std::move(issued->certificate_pem));
  response.set_ca_pem(parts_.authority.certificate_pem());
  return response;
}

grpc::Status EnrolmentService::Enrol(grpc::ServerContext* context, const v1::EnrolRequest* request,
                                     v1::EnrolResponse* response) {
  const std::string from = PeerAddress(*context);
  if (auto spoken = CheckProtocol(request->protocol()); !spoken) return ToGrpc(spoken.error());
  auto enrolled = EnrolDevice(*request);
  if (!enrolled) {
    parts_.journal.WriteRefusal("device/" + from, "device.enrol.refused", enrolled.error().message);
    if (enrolled.error().code != Code::kPermissionDenied) return ToGrpc(enrolled.error());
    // Which of the three it was would help only somebody who guesses.
    return {grpc::StatusCode::PERMISSION_DENIED, "the token is unknown, used or expired"};
  }
  *response = std::move(*enrolled);
  (void)parts_.journal.Write("device/" + response->device_id(), "device.enrol",
                             "hostname=" + request->hostname() + " from=" + from);
  return grpc::Status::OK;
}

}  // namespace daicho::collector
