// The connection to the collector's Admin service (admin.proto): mTLS 1.3, the collector verified by its name, not by
// the address that was dialled. One session serves one command, on one thread; calls block.
//
// Errors are for the admin, in the session's language. kUnavailable: not reached, or no answer in time;
// kDeadlineExceeded: the collector gave up at a limit of its own (a long query); kPermissionDenied,
// kUnauthenticated: the collector, or TLS, says no; others as admin.proto says. Text from the other side is cleaned. A
// message about a call that reached the collector ends with the id under which its log has it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "collector/ctl/profile.h"
#include "collector/reports/table.h"
#include "common/error.h"
#include "daicho/v1/admin.pb.h"

namespace grpc {
class Channel;
}

namespace daicho::collector {

class Session {
 public:
  template <typename Message>
  using Each = std::function<void(const Message&)>;

  // Reads the credentials. Does not dial: the first call does. Sets this process's environment for gRPC.
  static Result<std::unique_ptr<Session>> Connect(const Profile& profile, Language language);

  Session(std::shared_ptr<grpc::Channel> channel, std::string endpoint, Language language);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Result<v1::CreateTokenResponse> CreateToken(const v1::CreateTokenRequest& request);
  Result<v1::DeviceDetail> ShowDevice(const v1::ShowDeviceRequest& request);
  Result<v1::Finding> WaiveFinding(const v1::WaiveFindingRequest& request);
  Result<v1::Device> RevokeDevice(const v1::RevokeDeviceRequest& request);

  // Whether the collector says that it takes writes (grpc.health.v1).
  Result<bool> IsServing();

  const std::string& endpoint() const { return endpoint_; }

  // Lists, and tokens: `each` is called for every message as it arrives. After an error, those seen so far were right
  // but are not all.
  Status CreateTokens(const v1::CreateTokensRequest& request, const Each<v1::CreateTokenResponse>& each);
  Status ListDevices(const Each<v1::Device>& each);
  Status ListSoftware(const v1::ListSoftwareRequest& request, const Each<v1::SoftwareEntry>& each);
  Status ListAccounts(const v1::ListAccountsRequest& request, const Each<v1::AccountEntry>& each);
  Status ListFindings(const v1::ListFindingsRequest& request, const Each<v1::Finding>& each);
  Status ListChecklist(const Each<v1::ChecklistRow>& each);
  Status Query(const v1::QueryRequest& request, const Each<v1::QueryRow>& each);
  // An error of `each` (the disk is full) ends the call and is the answer.
  Status Export(const v1::ExportRequest& request, const std::function<Status(const v1::ExportChunk&)>& each);
  Status ListExports(const Each<v1::ExportJob>& each);
  Status ListChanges(const v1::ListChangesRequest& request, const Each<v1::Change>& each);
  // The last message has the outcome. May take hours.
  Status VerifyLedger(const Each<v1::VerifyLedgerProgress>& each);

 private:
  struct Stub;  // keeps gRPC's headers out of the commands
  std::unique_ptr<Stub> stub_;
  std::string endpoint_;
  Language language_;
};

}  // namespace daicho::collector
