#include "collector/listener.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <chrono>
#include <cstdlib>
#include <utility>

#include "collector/host_port.h"
#include "common/protocol.h"
#include "common/x509.h"

namespace daicho::collector {

namespace {

constexpr int kMilliseconds = 1000;
constexpr int kIdleConnection = 5 * 60 * kMilliseconds;  // a held one costs 100 KB (REFERENCE)
constexpr int kKeepaliveEvery = 60 * kMilliseconds;
constexpr int kKeepaliveAnswer = 20 * kMilliseconds;
constexpr int kShortestPingInterval = 30 * kMilliseconds;
constexpr int kHandshake = 10 * kMilliseconds;
constexpr int kStreams = 16;  // calls at once on one connection
constexpr int kMetadata = 16 * 1024;
constexpr std::chrono::seconds kGrace(2);

std::shared_ptr<grpc::ServerCredentials> MakeCredentials(bool certificate_required, const Authority& authority,
                                                         const Credential& server) {
  grpc::SslServerCredentialsOptions options(certificate_required
                                                ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                                : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = authority.certificate_pem();
  options.pem_key_cert_pairs.push_back({server.private_key_pem, server.certificate_pem});
  return grpc::SslServerCredentials(options);
}

void SetLimits(const ListenerSettings& settings, grpc::ServerBuilder& builder) {
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(settings.max_threads);
  quota.Resize(static_cast<std::size_t>(settings.max_memory_mib) << 20);
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleConnection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveEvery);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveAnswer);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kShortestPingInterval);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kHandshake);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadata);
  if (!settings.age) return;
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, static_cast<int>(settings.age->last_call.count()));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, static_cast<int>(settings.age->to_finish.count()));
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::Start(const ListenerSettings& settings, const Authority& authority,
                                                  const Credential& server,
                                                  const std::vector<grpc::Service*>& services) {
  auto endpoint = ParseHostPort(settings.address);
  if (!endpoint) return std::unexpected(endpoint.error());
  // gRPC would start without it, and let nobody through.
  if (const Status fits = CheckKeyFits(server.private_key_pem, server.certificate_pem); !fits) {
    return Fail(Code::kInternal, "the collector's own certificate: " + fits.error().message);
  }
  auto gate = ConnectionGate::Open(*endpoint, settings.gate);
  if (!gate) {
    return Fail(Code::kUnavailable, "cannot listen on " + settings.address +
                                        ": another process has the port, or the address is not of this machine (" +
                                        gate.error().message + ")");
  }
  grpc::ServerBuilder builder;
  auto acceptor = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      MakeCredentials(settings.certificate_required, authority, server));
  SetLimits(settings, builder);
  for (grpc::Service* service : services) builder.RegisterService(service);
  grpc::EnableDefaultHealthCheckService(true);
  if (settings.meters) {
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> observers;
    observers.push_back(ObserveCalls(*settings.meters));
    builder.experimental().SetInterceptorCreators(std::move(observers));
  }
  auto running = builder.BuildAndStart();
  if (!running) return Fail(Code::kInternal, "gRPC does not start a server on " + settings.address);
  endpoint->port = (*gate)->port();
  return std::unique_ptr<Listener>(
      new Listener(std::move(running), std::move(acceptor), std::move(*gate), ToText(*endpoint), settings.health));
}

Listener::Listener(std::unique_ptr<grpc::Server> server, std::unique_ptr<Acceptor> acceptor,
                   std::unique_ptr<ConnectionGate> gate, std::string endpoint, StoreHealth* health)
    : server_(std::move(server)),
      acceptor_(std::move(acceptor)),
      gate_(std::move(gate)),
      endpoint_(std::move(endpoint)),
      health_(health) {
  gate_->Begin([this](int fd) {
    Acceptor::NewConnectionParameters connection;
    connection.fd = fd;
    acceptor_->HandleNewConnection(&connection);
  });
  if (health_ == nullptr) return;
  subscription_ = health_->Subscribe(
      [service = server_->GetHealthCheckService()](bool serving) { service->SetServingStatus(serving); });
}

Listener::~Listener() {
  gate_.reset();
  // Before the server goes: it calls what the server owns.
  if (subscription_) health_->Unsubscribe(*subscription_);
  server_->Shutdown(std::chrono::system_clock::now() + kGrace);
}

}  // namespace daicho::collector
