// A collector's services on loopback with a real store in a temporary folder, and callers with whatever certificate.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "collector/admin/admin_service.h"
#include "collector/enrol/authority.h"
#include "collector/enrol/enrolment_service.h"
#include "collector/enrol/journal.h"
#include "collector/ingest/inventory_service.h"
#include "collector/listener.h"
#include "collector/metrics/call_metrics.h"
#include "collector/metrics/report_metrics.h"
#include "collector/store/store.h"
#include "collector/store_health.h"
#include "common/clock.h"
#include "common/delta.h"
#include "daicho/v1/admin.grpc.pb.h"
#include "daicho/v1/agent.grpc.pb.h"
#include "tests/collector/store/store_factory.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {

// What a caller shows; both empty: no certificate.
struct Shown {
  std::string key_pem;
  std::string certificate_pem;
};

struct EnrolledDevice {
  std::string id;
  Shown shown;
};

struct RuleSetForTests {
  static RuleSet SecondRoot();  // one rule, "second-root", evidencing row p1.b6a, alias B6
};

class ServiceSite : public ::testing::Test {
 protected:
  ServiceSite() : ServiceSite(IngestSettings{}) {}
  explicit ServiceSite(const IngestSettings& settings, const AdminService::ExportLimits& exports = {});
  ~ServiceSite() override;

  // --- callers
  std::shared_ptr<grpc::Channel> Channel(const std::string& endpoint, const Shown& shown,
                                         const std::string& ca_pem = {});
  std::unique_ptr<v1::Enrolment::Stub> Enrolment() { return v1::Enrolment::NewStub(Channel(agents_->endpoint(), {})); }
  std::unique_ptr<v1::Inventory::Stub> Inventory(const Shown& shown) {
    return v1::Inventory::NewStub(Channel(agents_->endpoint(), shown));
  }
  std::unique_ptr<v1::Admin::Stub> Admin(Role role, const std::string& name = "tester");

  // --- shortcuts
  std::string NewToken(const std::string& device = {}, std::uint32_t valid_seconds = 0);
  EnrolledDevice EnrolDevice(const std::string& hostname, const std::string& device = {});
  grpc::Status TryEnrol(const std::string& token, v1::EnrolResponse* response = nullptr);
  grpc::Status CheckIn(v1::Inventory::Stub& stub, const std::string& section, const Rows& rows,
                       v1::CheckInResponse* response = nullptr);
  // One full section.
  v1::SectionOutcome ReportFull(v1::Inventory::Stub& stub, const std::string& section, Rows rows);
  void Revoke(const std::string& device_id);
  std::vector<std::string> Column(const std::string& sql);

  const TemporaryFolder temporary_;
  const std::string& folder_ = temporary_.path();
  const std::unique_ptr<testing::StorePlace> place_ = testing::PlaceOfEnvironment();
  FakeClock clock_;
  StoreHealth health_;
  CallMetrics call_metrics_;
  ReportMetrics report_metrics_;
  std::unique_ptr<Authority> authority_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<GroupCommitter> committer_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<FindingsEngine> findings_;
  std::unique_ptr<EnrolmentService> enrolment_;
  std::unique_ptr<InventoryService> inventory_;
  std::unique_ptr<AdminService> admin_;
  std::unique_ptr<Listener> agents_;
  std::unique_ptr<Listener> admins_;
};

// Rows for tests.
std::string SoftwareRow(const std::string& name, const std::string& version, const std::string& architecture = "amd64");
std::string AccountRow(const std::string& name, std::uint32_t uid, bool enabled, bool human);

}  // namespace daicho::collector
