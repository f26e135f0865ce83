#include "tests/agent/runtime/fake_collector.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include "agent/uplink/channel.h"
#include "common/protocol.h"

namespace daicho::agent {

namespace {
constexpr UnixTime kYear = 365 * 86400;
}

FakeCollector::FakeCollector(UnixTime now) : now_(now) {
  PrepareGrpc();
  authority_ = *NewAuthority("fake authority", now - kYear, now + kYear);
  const std::string key = *NewPrivateKey();
  const CertificateSpec spec{.common_name = "fake collector",
                             .identity_uri = {},
                             .dns_names = {kCollectorServerName},
                             .ip_addresses = {},
                             .server = true,
                             .not_before = now - kYear,
                             .not_after = now + kYear};
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = authority_.certificate_pem;
  tls.pem_key_cert_pairs.push_back({key, *SignKey(authority_, key, spec)});
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port_);
  builder.RegisterService(static_cast<v1::Inventory::Service*>(this));
  builder.RegisterService(static_cast<v1::Enrolment::Service*>(this));
  builder.SetMaxReceiveMessageSize(static_cast<int>(kMaxMessageBytes));
  server_ = builder.BuildAndStart();
}

FakeCollector::~FakeCollector() {
  if (server_) server_->Shutdown(std::chrono::system_clock::now());
}

std::string FakeCollector::Sign(const std::string& csr, const std::string& device_id, UnixTime not_before,
                                UnixTime not_after) {
  const CertificateSpec spec{.common_name = device_id,
                             .identity_uri = "daicho://device/" + device_id,
                             .dns_names = {},
                             .ip_addresses = {},
                             .server = false,
                             .not_before = not_before,
                             .not_after = not_after};
  return SignRequest(authority_, csr, spec).value_or("");
}

Identity FakeCollector::NewDevice(UnixTime not_before, UnixTime not_after) {
  Identity identity;
  device_id_ = identity.device_id = RandomHex(16);
  identity.private_key_pem = *NewPrivateKey();
  identity.certificate_pem =
      Sign(*NewCertificateRequest(identity.private_key_pem, "device"), identity.device_id, not_before, not_after);
  identity.authority_pem = authority_.certificate_pem;
  identity.not_before = not_before;
  identity.not_after = not_after;
  return identity;
}

grpc::Status FakeCollector::Refuse(grpc::ServerContext* context) const {
  if (context->auth_context()->FindPropertyValues("x509_subject_alternative_name").empty()) {
    return {grpc::StatusCode::UNAUTHENTICATED, "no device certificate"};
  }
  if (retry_after_seconds != 0) {
    context->AddTrailingMetadata("retry-after-seconds", std::to_string(retry_after_seconds));
  }
  return refusal;
}

grpc::Status FakeCollector::CheckIn(grpc::ServerContext* context, const v1::CheckInRequest* request,
                                    v1::CheckInResponse* response) {
  if (auto refused = Refuse(context); !refused.ok()) return refused;
  check_ins.push_back(*request);
  if (lost_answers > 0) {
    --lost_answers;
    return {grpc::StatusCode::UNAVAILABLE, "the answer is lost"};
  }
  response->set_continuation("continuation-" + std::to_string(check_ins.size()));
  response->set_next_check_in_seconds(next_check_in_seconds);
  if (collector_time != 0) response->mutable_collector_time()->set_seconds(collector_time);
  for (const v1::SectionState& section : request->sections()) {
    const auto known = held.find(section.name());
    const std::string digest = known == held.end() ? "" : DigestRows(known->second);
    if (section.status() == v1::FAILED || section.digest() == digest) continue;
    v1::SectionWanted& wanted = *response->add_wanted();
    wanted.set_name(section.name());
    wanted.set_base_digest(digest);
  }
  return grpc::Status::OK;
}

v1::SectionOutcome FakeCollector::Apply(const v1::SectionDelta& delta) {
  if (const auto forced = forced_outcomes.extract(delta.name())) return forced.mapped();
  const auto known = held.find(delta.name());
  const bool full = delta.base_digest().empty();
  if (full && delta.status() == v1::PARTIAL && known != held.end()) return v1::MERGED;
  if (!full && (known == held.end() || DigestRows(known->second) != delta.base_digest())) return v1::NEED_FULL;
  const auto rows = ApplyDelta(full ? RowViews() : ViewRows(known->second), delta);
  if (!rows) return v1::REJECTED;
  held[delta.name()] = CopyRows(*rows);
  return v1::APPLIED;
}

grpc::Status FakeCollector::Report(grpc::ServerContext* context, const v1::ReportRequest* request,
                                   v1::ReportResponse* response) {
  if (auto refused = Refuse(context); !refused.ok()) return refused;
  if (!report_refusal.ok()) return report_refusal;
  reports.push_back(*request);
  for (const v1::SectionDelta& delta : request->sections()) {
    v1::SectionResult& result = *response->add_results();
    result.set_name(delta.name());
    result.set_outcome(Apply(delta));
    if (result.outcome() == v1::REJECTED) result.set_message("fake: rows rejected");
  }
  response->set_next_check_in_seconds(next_check_in_seconds);
  return grpc::Status::OK;
}

grpc::Status FakeCollector::Renew(grpc::ServerContext* context, const v1::RenewRequest* request,
                                  v1::RenewResponse* response) {
  if (auto refused = Refuse(context); !refused.ok()) return refused;
  ++renewals;
  response->set_certificate_pem(Sign(request->csr_pem(), device_id_, now_, now_ + kYear / 2));
  return grpc::Status::OK;
}

grpc::Status FakeCollector::Enrol(grpc::ServerContext*, const v1::EnrolRequest* request, v1::EnrolResponse* response) {
  if (request->token() != token) return {grpc::StatusCode::PERMISSION_DENIED, "the token is unknown, used or expired"};
  token.clear();
  device_id_ = RandomHex(16);
  response->set_device_id(device_id_);
  response->set_certificate_pem(Sign(request->csr_pem(), device_id_, now_ - 60, now_ + kYear / 2));
  response->set_ca_pem(authority_.certificate_pem);
  return response->certificate_pem().empty() ? grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "bad request")
                                             : grpc::Status::OK;
}

}  // namespace daicho::agent
