// The other side of `daicho`: an Admin service with a small ledger in memory, on loopback. It answers what it was given
// and keeps what it was asked.
#pragma once

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "common/protocol.h"
#include "daicho/v1/admin.grpc.pb.h"

namespace daicho::collector {

class FakeAdmin final : public v1::Admin::Service {
 public:
  explicit FakeAdmin(const std::shared_ptr<grpc::ServerCredentials>& credentials = grpc::InsecureServerCredentials()) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeAdmin() override { server_->Shutdown(); }
  FakeAdmin(const FakeAdmin&) = delete;
  FakeAdmin& operator=(const FakeAdmin&) = delete;

  std::string Endpoint() const { return "127.0.0.1:" + std::to_string(port_); }

  void SetServing(bool serving) { server_->GetHealthCheckService()->SetServingStatus(serving); }

  // Answers.
  grpc::Status status = grpc::Status::OK;  // of every call, after its messages
  std::string request_id;                  // of ShowDevice; empty: none
  v1::CreateTokenResponse token;
  std::vector<v1::CreateTokenResponse> tokens;
  std::vector<v1::Device> devices;
  v1::DeviceDetail detail;
  std::vector<v1::SoftwareEntry> software;
  std::vector<v1::AccountEntry> accounts;
  std::vector<v1::AccountEntry> system_accounts;  // only with `all`
  std::vector<v1::Finding> findings;
  std::vector<v1::ChecklistRow> checklist;
  std::vector<v1::QueryRow> rows;
  std::vector<std::string> chunks;
  std::vector<v1::ExportJob> exports;
  std::vector<v1::Change> changes;
  std::vector<v1::VerifyLedgerProgress> proof;

  std::atomic<std::size_t> chunks_taken = 0;  // of an export

  // Questions.
  v1::CreateTokenRequest asked_token;
  v1::CreateTokensRequest asked_tokens;
  v1::ShowDeviceRequest asked_device;
  v1::ListSoftwareRequest asked_software;
  v1::ListAccountsRequest asked_accounts;
  v1::ListFindingsRequest asked_findings;
  v1::WaiveFindingRequest asked_waiver;
  v1::RevokeDeviceRequest asked_revocation;
  v1::QueryRequest asked_query;
  v1::ExportRequest asked_export;
  v1::ListChangesRequest asked_changes;

  grpc::Status CreateToken(grpc::ServerContext*, const v1::CreateTokenRequest* request,
                           v1::CreateTokenResponse* response) override {
    asked_token = *request;
    *response = token;
    return status;
  }
  grpc::Status CreateTokens(grpc::ServerContext*, const v1::CreateTokensRequest* request,
                            grpc::ServerWriter<v1::CreateTokenResponse>* writer) override {
    asked_tokens = *request;
    return Send(tokens, writer);
  }
  grpc::Status ListDevices(grpc::ServerContext*, const v1::ListDevicesRequest*,
                           grpc::ServerWriter<v1::Device>* writer) override {
    return Send(devices, writer);
  }
  grpc::Status ShowDevice(grpc::ServerContext* context, const v1::ShowDeviceRequest* request,
                          v1::DeviceDetail* response) override {
    if (!request_id.empty()) context->AddTrailingMetadata(kRequestIdTrailer, request_id);
    asked_device = *request;
    *response = detail;
    return status;
  }
  grpc::Status ListSoftware(grpc::ServerContext*, const v1::ListSoftwareRequest* request,
                            grpc::ServerWriter<v1::SoftwareEntry>* writer) override {
    asked_software = *request;
    return Send(software, writer);
  }
  grpc::Status ListAccounts(grpc::ServerContext*, const v1::ListAccountsRequest* request,
                            grpc::ServerWriter<v1::AccountEntry>* writer) override {
    asked_accounts = *request;
    for (const v1::AccountEntry& account : accounts) writer->Write(account);
    return request->all() ? Send(system_accounts, writer) : status;
  }
  grpc::Status ListFindings(grpc::ServerContext*, const v1::ListFindingsRequest* request,
                            grpc::ServerWriter<v1::Finding>* writer) override {
    asked_findings = *request;
    return Send(findings, writer);
  }
  grpc::Status WaiveFinding(grpc::ServerContext*, const v1::WaiveFindingRequest* request,
                            v1::Finding* response) override {
    asked_waiver = *request;
    response->set_finding_id(request->finding_id());
    return status;
  }
  grpc::Status ListChecklist(grpc::ServerContext*, const v1::ListChecklistRequest*,
                             grpc::ServerWriter<v1::ChecklistRow>* writer) override {
    return Send(checklist, writer);
  }
  grpc::Status RevokeDevice(grpc::ServerContext*, const v1::RevokeDeviceRequest* request,
                            v1::Device* response) override {
    asked_revocation = *request;
    *response = detail.device();
    return status;
  }
  grpc::Status Query(grpc::ServerContext*, const v1::QueryRequest* request,
                     grpc::ServerWriter<v1::QueryRow>* writer) override {
    asked_query = *request;
    return Send(rows, writer);
  }
  grpc::Status Export(grpc::ServerContext*, const v1::ExportRequest* request,
                      grpc::ServerWriter<v1::ExportChunk>* writer) override {
    asked_export = *request;
    for (const std::string& data : chunks) {
      v1::ExportChunk chunk;
      chunk.set_data(data);
      if (!writer->Write(chunk)) return grpc::Status::CANCELLED;
      ++chunks_taken;
    }
    return status;
  }
  grpc::Status ListExports(grpc::ServerContext*, const v1::ListExportsRequest*,
                           grpc::ServerWriter<v1::ExportJob>* writer) override {
    return Send(exports, writer);
  }
  grpc::Status ListChanges(grpc::ServerContext*, const v1::ListChangesRequest* request,
                           grpc::ServerWriter<v1::Change>* writer) override {
    asked_changes = *request;
    return Send(changes, writer);
  }
  grpc::Status VerifyLedger(grpc::ServerContext*, const v1::VerifyLedgerRequest*,
                            grpc::ServerWriter<v1::VerifyLedgerProgress>* writer) override {
    return Send(proof, writer);
  }

 private:
  template <typename Message>
  grpc::Status Send(const std::vector<Message>& messages, grpc::ServerWriter<Message>* writer) const {
    for (const Message& message : messages) writer->Write(message);
    return status;
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace daicho::collector
