// The other side of the wire for tests of the uplink: a collector in this process, on a free port of 127.0.0.1, with a
// CA of its own. It keeps rows as DESIGN §5 says, in memory, and does what the public fields tell it.
#pragma once

#include <grpcpp/server.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent/identity/identity.h"
#include "common/delta.h"
#include "common/x509.h"
#include "daicho/v1/agent.grpc.pb.h"

namespace daicho::agent {

class FakeCollector final : public v1::Inventory::Service, public v1::Enrolment::Service {
 public:
  explicit FakeCollector(UnixTime now);
  ~FakeCollector() override;

  std::string Endpoint() const { return "127.0.0.1:" + std::to_string(port_); }
  const std::string& AuthorityPem() const { return authority_.certificate_pem; }

  // A device of this collector, whose certificate is valid for the given time.
  Identity NewDevice(UnixTime not_before, UnixTime not_after);

  // What it does. Set between calls.
  grpc::Status refusal;                                       // of every Inventory call, unless OK
  int lost_answers = 0;                                       // check-ins that are taken and not answered
  std::uint32_t retry_after_seconds = 0;                      // trailer of a refusal
  std::map<std::string, v1::SectionOutcome> forced_outcomes;  // of a section's next report
  std::string token = "fake-token";
  std::uint32_t next_check_in_seconds = 300;
  UnixTime collector_time = 0;  // in its answer; 0: none
  grpc::Status report_refusal;  // of every Report, unless OK

  // What it has seen.
  std::map<std::string, Rows> held;
  std::vector<v1::CheckInRequest> check_ins;
  std::vector<v1::ReportRequest> reports;
  int renewals = 0;

  grpc::Status CheckIn(grpc::ServerContext* context, const v1::CheckInRequest* request,
                       v1::CheckInResponse* response) override;
  grpc::Status Report(grpc::ServerContext* context, const v1::ReportRequest* request,
                      v1::ReportResponse* response) override;
  grpc::Status Renew(grpc::ServerContext* context, const v1::RenewRequest* request,
                     v1::RenewResponse* response) override;
  grpc::Status Enrol(grpc::ServerContext* context, const v1::EnrolRequest* request,
                     v1::EnrolResponse* response) override;

 private:
  std::string Sign(const std::string& csr, const std::string& device_id, UnixTime not_before, UnixTime not_after);
  v1::SectionOutcome Apply(const v1::SectionDelta& delta);
  grpc::Status Refuse(grpc::ServerContext* context) const;

  UnixTime now_;
  CertificateAuthority authority_;
  std::string device_id_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace daicho::agent
