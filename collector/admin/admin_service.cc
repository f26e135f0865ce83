#include "collector/admin/admin_service.h"

#include <algorithm>
#include <utility>

#include "collector/admin/device_lookup.h"
#include "collector/admin/device_reader.h"
#include "collector/admin/finding_lookup.h"
#include "collector/admin/finding_reader.h"
#include "collector/enrol/peer.h"
#include "collector/enrol/token.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::uint32_t kDefaultTokenSeconds = 24 * 3600;
constexpr std::uint32_t kMaxTokenSeconds = 30 * 24 * 3600;
constexpr std::uint32_t kMaxTokens = 10'000;  // of one call
constexpr std::size_t kMaxWords = 1000;       // note, reason

Status CheckWords(const char* field, const std::string& text, bool required) {
  if (required && Trim(text).empty()) {
    return Fail(Code::kInvalidArgument, std::string(field) + ": required, say it for whoever reads the journal later");
  }
  if (text.size() > kMaxWords) return Fail(Code::kInvalidArgument, std::string(field) + ": longer than 1,000 bytes");
  return {};
}

}  // namespace

Result<AdminIdentity> AdminService::Begin(const grpc::ServerContext& context, Role least, const std::string& action,
                                          const std::string& detail) {
  const auto peer = PeerOf(context);
  if (!peer) {
    parts_.journal.WriteRefusal("unknown/" + PeerAddress(context), action + ".refused", peer.error().message);
    return std::unexpected(peer.error());
  }
  const auto* admin = std::get_if<AdminIdentity>(&peer->identity);
  if (admin == nullptr) {
    const std::string device = std::get<DeviceIdentity>(peer->identity).device_id;
    parts_.journal.WriteRefusal("device/" + device, action + ".refused", "no admin certificate");
    return Fail(Code::kPermissionDenied, "a device's certificate gives no access here; use an admin profile");
  }
  const std::string actor = "admin/" + admin->name;
  if (admin->role < least) {
    parts_.journal.WriteRefusal(actor, action + ".refused", "role " + std::string(RoleName(admin->role)));
    return Fail(Code::kPermissionDenied, "this needs the role " + std::string(RoleName(least)) + "; " + admin->name +
                                             " has the role " + std::string(RoleName(admin->role)));
  }
  const std::string about(Trim(detail));
  const bool looks = least == Role::kViewer;
  const Status written =
      looks ? parts_.journal.WriteOrKeep(actor, action, about) : parts_.journal.Write(actor, action, about);
  if (!written) {
    return Fail(written.error().code, "the call cannot be journaled, so it is not done: " + written.error().message);
  }
  return *admin;
}

grpc::Status AdminService::Failed(const AdminIdentity& who, const std::string& action, const Error& error) {
  (void)parts_.journal.Write("admin/" + who.name, action + ".failed", error.message);
  return ToGrpc(error);
}

grpc::Status AdminService::FailedRead(const AdminIdentity& who, const std::string& action, const Error& error) {
  parts_.journal.WriteRefusal("admin/" + who.name, action + ".failed", error.message.substr(0, kMaxWords));
  return ToGrpc(error);
}

Result<std::vector<v1::CreateTokenResponse>> AdminService::MakeTokens(const AdminIdentity& who,
                                                                      const v1::CreateTokenRequest& request,
                                                                      std::uint32_t count) {
  if (auto good = CheckWords("note", request.note(), false); !good) return std::unexpected(good.error());
  if (request.valid_seconds() > kMaxTokenSeconds) {
    return Fail(Code::kInvalidArgument, "valid_seconds: at most 30 days (2,592,000)");
  }
  TokenWrite write;
  if (!request.device_id().empty()) {
    auto device = FindDeviceId(parts_.store, request.device_id());
    if (!device) return std::unexpected(device.error());
    const auto status = parts_.store.FindDevice(*device);
    if (!status) return std::unexpected(status.error());
    if (*status == DeviceStatus::kRevoked) {
      return Fail(Code::kFailedPrecondition,
                  "device " + *device + " is revoked; enrol it as a new device (a token without a device)");
    }
    write.device_id = std::move(*device);
  }
  std::vector<v1::CreateTokenResponse> tokens(count);
  for (v1::CreateTokenResponse& one : tokens) {
    one.set_token(NewToken());
    write.token_hashes.push_back(TokenHash(one.token()));
  }
  write.note = CleanText(request.note());
  write.created_by = who.name;
  write.created_at = parts_.clock.Now();
  write.expires_at = write.created_at + (request.valid_seconds() > 0 ? request.valid_seconds() : kDefaultTokenSeconds);
  for (v1::CreateTokenResponse& one : tokens) *one.mutable_expires_at() = ToTimestamp(write.expires_at);
  const auto written = parts_.committer.Submit(std::move(write));
  if (!written) return std::unexpected(written.error());
  if (!written->result) return std::unexpected(written->result.error());
  return tokens;
}

grpc::Status AdminService::CreateToken(grpc::ServerContext* context, const v1::CreateTokenRequest* request,
                                       v1::CreateTokenResponse* response) {
  const char* const action = "token.create";
  const auto who = Begin(*context, Role::kOperator, action,
                         "valid_seconds=" + std::to_string(request->valid_seconds()) +
                             " device=" + request->device_id().substr(0, kMaxWords) +
                             " note=" + request->note().substr(0, kMaxWords));
  if (!who) return ToGrpc(who.error());
  auto made = MakeTokens(*who, *request, 1);
  if (!made) return Failed(*who, action, made.error());
  *response = std::move(made->front());
  return grpc::Status::OK;
}

grpc::Status AdminService::CreateTokens(grpc::ServerContext* context, const v1::CreateTokensRequest* request,
                                        grpc::ServerWriter<v1::CreateTokenResponse>* writer) {
  const char* const action = "token.create";
  const auto who =
      Begin(*context, Role::kOperator, action,
            "count=" + std::to_string(request->count()) + " valid_seconds=" + std::to_string(request->valid_seconds()) +
                " note=" + request->note().substr(0, kMaxWords));
  if (!who) return ToGrpc(who.error());
  if (request->count() == 0 || request->count() > kMaxTokens) {
    return Failed(*who, action, {Code::kInvalidArgument, "count: 1 to 10,000 tokens"});
  }
  v1::CreateTokenRequest one;
  one.set_valid_seconds(request->valid_seconds());
  one.set_note(request->note());
  const auto made = MakeTokens(*who, one, request->count());
  if (!made) return Failed(*who, action, made.error());
  // A caller who goes away has lost tokens that nobody knows; they expire.
  for (const v1::CreateTokenResponse& token : *made) {
    if (!writer->Write(token)) break;
  }
  return grpc::Status::OK;
}

Result<v1::Device> AdminService::Revoke(const AdminIdentity& who, const v1::RevokeDeviceRequest& request) {
  if (auto good = CheckWords("reason", request.reason(), false); !good) return std::unexpected(good.error());
  auto device = FindDeviceId(parts_.store, request.device());
  if (!device) return std::unexpected(device.error());
  RevokeWrite write;
  write.device_id = *device;
  write.reason = CleanText(request.reason());
  write.by = who.name;
  write.at = parts_.clock.Now();
  const auto written = parts_.committer.Submit(std::move(write));
  if (!written) return std::unexpected(written.error());
  if (!written->result) return std::unexpected(written->result.error());
  return ReadDevice(parts_.store, *device);
}

grpc::Status AdminService::RevokeDevice(grpc::ServerContext* context, const v1::RevokeDeviceRequest* request,
                                        v1::Device* response) {
  const char* const action = "device.revoke";
  const auto who =
      Begin(*context, Role::kAdmin, action,
            "device=" + request->device().substr(0, kMaxWords) + " reason=" + request->reason().substr(0, kMaxWords));
  if (!who) return ToGrpc(who.error());
  auto revoked = Revoke(*who, *request);
  if (!revoked) return Failed(*who, action, revoked.error());
  *response = std::move(*revoked);
  return grpc::Status::OK;
}

Result<v1::Finding> AdminService::Waive(const AdminIdentity& who, const v1::WaiveFindingRequest& request) {
  if (auto good = CheckWords("reason", request.reason(), true); !good) return std::unexpected(good.error());
  if (!request.has_until()) {
    return Fail(Code::kInvalidArgument, "until: required; a waiver ends on a date, then somebody looks again");
  }
  const auto found = LookUpFinding(parts_.store, request.finding_id());
  if (!found) return std::unexpected(found.error());
  WaiveWrite write;
  write.finding_id = found->finding_id;
  write.by = who.name;
  write.reason = CleanText(request.reason());
  write.until = FromTimestamp(request.until());
  write.at = parts_.clock.Now();
  if (write.until <= write.at && found->status == "open") {
    return Fail(Code::kFailedPrecondition, "finding " + found->finding_id + " is not waived");
  }
  const auto written = parts_.committer.Submit(std::move(write));
  if (!written) return std::unexpected(written.error());
  if (!written->result) return std::unexpected(written->result.error());
  return ReadFinding(parts_.store, parts_.findings.rules(), found->finding_id);
}

grpc::Status AdminService::WaiveFinding(grpc::ServerContext* context, const v1::WaiveFindingRequest* request,
                                        v1::Finding* response) {
  const char* const action = "finding.waive";
  const auto who = Begin(*context, Role::kOperator, action,
                         "finding=" + request->finding_id().substr(0, kMaxWords) +
                             " until=" + FormatTime(FromTimestamp(request->until())) +
                             " reason=" + request->reason().substr(0, kMaxWords));
  if (!who) return ToGrpc(who.error());
  auto waived = Waive(*who, *request);
  if (!waived) return Failed(*who, action, waived.error());
  *response = std::move(*waived);
  return grpc::Status::OK;
}

}  // namespace daicho::collector
