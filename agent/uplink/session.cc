#include "agent/uplink/session.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "agent/uplink/channel.h"
#include "common/protocol.h"
#include "common/text.h"
#include "daicho/v1/agent.grpc.pb.h"

namespace daicho::agent {

namespace {

constexpr std::chrono::seconds kCallDeadline{30};
constexpr std::size_t kMaxRequestId = 64;

std::uint32_t RetryAfter(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find("retry-after-seconds");
  if (found == trailers.end()) return 0;
  return ParseUint32({found->second.data(), found->second.size()}).value_or(0);
}

std::string RequestId(const grpc::ClientContext& context) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(kRequestIdTrailer);
  if (found == trailers.end()) return {};
  return {found->second.data(), std::min<std::size_t>(found->second.size(), kMaxRequestId)};
}

}  // namespace

UplinkSession::UplinkSession(std::shared_ptr<grpc::Channel> channel, std::string endpoint)
    : channel_(std::move(channel)), endpoint_(std::move(endpoint)) {}

template <typename Response, typename Call>
Result<Response> UplinkSession::Do(Call&& call) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kCallDeadline);
  Response response;
  const grpc::Status status = call(&context, &response);
  retry_after_seconds_ = status.ok() ? 0 : RetryAfter(context);
  if (!status.ok()) return std::unexpected(CallError(status, endpoint_, RequestId(context)));
  return response;
}

Result<v1::CheckInResponse> UplinkSession::CheckIn(const v1::CheckInRequest& request) {
  v1::Inventory::Stub stub(channel_);
  return Do<v1::CheckInResponse>([&](auto* context, auto* out) { return stub.CheckIn(context, request, out); });
}

Result<v1::ReportResponse> UplinkSession::Report(const v1::ReportRequest& request) {
  v1::Inventory::Stub stub(channel_);
  return Do<v1::ReportResponse>([&](auto* context, auto* out) { return stub.Report(context, request, out); });
}

Result<v1::RenewResponse> UplinkSession::Renew(const v1::RenewRequest& request) {
  v1::Inventory::Stub stub(channel_);
  return Do<v1::RenewResponse>([&](auto* context, auto* out) { return stub.Renew(context, request, out); });
}

Result<v1::EnrolResponse> UplinkSession::Enrol(const v1::EnrolRequest& request) {
  v1::Enrolment::Stub stub(channel_);
  return Do<v1::EnrolResponse>([&](auto* context, auto* out) { return stub.Enrol(context, request, out); });
}

}  // namespace daicho::agent
