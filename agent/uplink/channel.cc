#include "agent/uplink/channel.h"

#include <absl/synchronization/mutex.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <cstdlib>

#include "common/protocol.h"
#include "common/text.h"
#include "common/tls.h"

namespace daicho::agent {

namespace {

Code CodeOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::OUT_OF_RANGE:
      return Code::kInternal;
    default:
      return static_cast<Code>(status.error_code());
  }
}

bool Mentions(const grpc::Status& status, const char* text) {
  return status.error_message().find(text) != std::string::npos;
}

}  // namespace

void PrepareGrpc() {
  PrepareTls();
  ::setenv("GRPC_DNS_RESOLVER", "native", 1);
  ::setenv("GRPC_VERBOSITY", "NONE", 1);
  // REFERENCE: its bookkeeping costs a tenth of a small call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& endpoint, const Identity& identity) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = identity.authority_pem;
  tls.pem_private_key = identity.private_key_pem;
  tls.pem_cert_chain = identity.certificate_pem;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kCollectorServerName);
  arguments.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  // One that does not even refuse must not keep the agent from the next: also the time that connecting may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 8'000);
  arguments.SetInt("grpc.enable_http_proxy", 0);
  arguments.SetInt("grpc.service_config_disable_resolution", 1);
  arguments.SetInt("grpc.enable_retries", 0);
  arguments.SetInt("grpc.http2.bdp_probe", 0);
  return grpc::CreateCustomChannel(endpoint, grpc::SslCredentials(tls), arguments);
}

Error CallError(const grpc::Status& status, const std::string& endpoint, const std::string& request_id) {
  std::string said = CleanText(status.error_message());
  if (!request_id.empty()) said += " (request " + CleanText(request_id) + ")";
  const Code code = CodeOf(status);
  if (Mentions(status, "certificate verify failed") || Mentions(status, "CERTIFICATE_VERIFY_FAILED")) {
    return {Code::kUnauthenticated,
            "the collector at " + endpoint +
                " is not one of the authority in ca.pem, or its certificate or this machine's clock "
                "is wrong: " +
                said};
  }
  // With an id it was the collector that said so.
  if (code == Code::kUnavailable && !request_id.empty()) {
    return {code, "the collector at " + endpoint + " cannot serve now: " + said + "; the agent comes again later"};
  }
  switch (code) {
    case Code::kUnavailable:
    case Code::kDeadlineExceeded:
      return {code, "cannot reach the collector at " + endpoint + ": " + said +
                        "; check that it runs, that this machine can connect to it, and the address in agent.toml"};
    case Code::kPermissionDenied:
    case Code::kUnauthenticated:
      return {code, "the collector at " + endpoint + " refuses this device: " + said +
                        "; ask the administrator for a new token, then run daicho-agent enrol --force"};
    case Code::kResourceExhausted:
      return {code, "the collector at " + endpoint + " is busy: " + said + "; the agent comes again later"};
    default:
      return {code, "the collector at " + endpoint + " answered: " + said};
  }
}

}  // namespace daicho::agent
