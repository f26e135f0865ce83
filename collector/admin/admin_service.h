// The Admin service of admin.proto. The caller's name and role come from the certificate; each call is in the journal
// before it is worked on, and is refused if the journal cannot be written. Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <semaphore>
#include <string>
#include <vector>

#include "collector/enrol/identity.h"
#include "collector/enrol/journal.h"
#include "collector/reports/table.h"
#include "collector/rules/findings_engine.h"
#include "collector/store/group_committer.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "daicho/v1/admin.grpc.pb.h"

namespace daicho::collector {

class AdminService final : public v1::Admin::Service {
 public:
  struct ExportLimits {
    std::chrono::milliseconds patience{60'000};  // with a caller who does not take what he is sent
    std::chrono::milliseconds wait{10'000};      // for another export to end
  };
  struct Parts {
    const Store& store;
    GroupCommitter& committer;
    Journal& journal;
    const Clock& clock;
    FindingsEngine& findings;
    std::function<std::vector<v1::ExportJob>()> export_jobs;  // thread-safe
    ExportLimits export_limits = {};
  };

  // Everything in `parts` must outlive this.
  explicit AdminService(Parts parts) : parts_(std::move(parts)) {}

  grpc::Status CreateToken(grpc::ServerContext* context, const v1::CreateTokenRequest* request,
                           v1::CreateTokenResponse* response) override;
  grpc::Status CreateTokens(grpc::ServerContext* context, const v1::CreateTokensRequest* request,
                            grpc::ServerWriter<v1::CreateTokenResponse>* writer) override;
  grpc::Status ListDevices(grpc::ServerContext* context, const v1::ListDevicesRequest* request,
                           grpc::ServerWriter<v1::Device>* writer) override;
  grpc::Status ShowDevice(grpc::ServerContext* context, const v1::ShowDeviceRequest* request,
                          v1::DeviceDetail* response) override;
  grpc::Status ListSoftware(grpc::ServerContext* context, const v1::ListSoftwareRequest* request,
                            grpc::ServerWriter<v1::SoftwareEntry>* writer) override;
  grpc::Status ListAccounts(grpc::ServerContext* context, const v1::ListAccountsRequest* request,
                            grpc::ServerWriter<v1::AccountEntry>* writer) override;
  grpc::Status ListFindings(grpc::ServerContext* context, const v1::ListFindingsRequest* request,
                            grpc::ServerWriter<v1::Finding>* writer) override;
  grpc::Status WaiveFinding(grpc::ServerContext* context, const v1::WaiveFindingRequest* request,
                            v1::Finding* response) override;
  grpc::Status ListChecklist(grpc::ServerContext* context, const v1::ListChecklistRequest* request,
                             grpc::ServerWriter<v1::ChecklistRow>* writer) override;
  grpc::Status RevokeDevice(grpc::ServerContext* context, const v1::RevokeDeviceRequest* request,
                            v1::Device* response) override;
  grpc::Status Query(grpc::ServerContext* context, const v1::QueryRequest* request,
                     grpc::ServerWriter<v1::QueryRow>* writer) override;
  grpc::Status Export(grpc::ServerContext* context, const v1::ExportRequest* request,
                      grpc::ServerWriter<v1::ExportChunk>* writer) override;
  grpc::Status ListExports(grpc::ServerContext* context, const v1::ListExportsRequest* request,
                           grpc::ServerWriter<v1::ExportJob>* writer) override;
  grpc::Status ListChanges(grpc::ServerContext* context, const v1::ListChangesRequest* request,
                           grpc::ServerWriter<v1::Change>* writer) override;
  grpc::Status VerifyLedger(grpc::ServerContext* context, const v1::VerifyLedgerRequest* request,
                            grpc::ServerWriter<v1::VerifyLedgerProgress>* writer) override;

 private:
  // Who calls, if `least` is his role or below it; the call is journaled then. kPermissionDenied, kUnauthenticated.
  Result<AdminIdentity> Begin(const grpc::ServerContext& context, Role least, const std::string& action,
                              const std::string& detail);
  // Journals why a change that was begun did not happen, and is that error as gRPC has it.
  grpc::Status Failed(const AdminIdentity& who, const std::string& action, const Error& error);

  // The same of a call that only reads, as a refusal: they are bounded (journal.h).
  grpc::Status FailedRead(const AdminIdentity& who, const std::string& action, const Error& error);
  grpc::Status Answer(const AdminIdentity& who, const std::string& action, const Status& done);

  // For answers that are right without the newest findings: a failure is only logged.
  void RefreshForCount();
  // `count` tokens, at least one.
  Result<std::vector<v1::CreateTokenResponse>> MakeTokens(const AdminIdentity& who,
                                                          const v1::CreateTokenRequest& request, std::uint32_t count);
  Result<v1::Device> Revoke(const AdminIdentity& who, const v1::RevokeDeviceRequest& request);
  Result<v1::Finding> Waive(const AdminIdentity& who, const v1::WaiveFindingRequest& request);
  Result<v1::DeviceDetail> Detail(const v1::ShowDeviceRequest& request);
  Status SendChanges(grpc::ServerContext& context, const v1::ListChangesRequest& request,
                     grpc::ServerWriter<v1::Change>& writer) const;
  Status SendReport(grpc::ServerContext& context, const v1::ExportRequest& request, Language language,
                    grpc::ServerWriter<v1::ExportChunk>& writer) const;

  const Parts parts_;
  // An export reads the store for as long as its caller takes: rules, lists and devices must not wait for that.
  std::counting_semaphore<> exports_{2};
};

}  // namespace daicho::collector
