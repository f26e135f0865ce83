// Calls to one collector, each with a deadline. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "agent/identity/identity.h"
#include "common/error.h"
#include "daicho/v1/agent.pb.h"

namespace grpc {
class Channel;
class ClientContext;
class Status;
}  // namespace grpc

namespace daicho::agent {

class UplinkSession {
 public:
  // `endpoint` is for messages; the channel goes there.
  UplinkSession(std::shared_ptr<grpc::Channel> channel, std::string endpoint);

  // Errors: kUnavailable, kDeadlineExceeded: not reached; kPermissionDenied, kUnauthenticated: refused;
  // kResourceExhausted: busy, see RetryAfterSeconds; others as the collector says.
  Result<v1::CheckInResponse> CheckIn(const v1::CheckInRequest& request);
  Result<v1::ReportResponse> Report(const v1::ReportRequest& request);
  Result<v1::RenewResponse> Renew(const v1::RenewRequest& request);
  Result<v1::EnrolResponse> Enrol(const v1::EnrolRequest& request);

  // Pause that a busy collector asked for in its last answer; 0: none.
  std::uint32_t RetryAfterSeconds() const { return retry_after_seconds_; }

 private:
  template <typename Response, typename Call>
  Result<Response> Do(Call&& call);

  std::shared_ptr<grpc::Channel> channel_;
  std::string endpoint_;
  std::uint32_t retry_after_seconds_ = 0;
};

}  // namespace daicho::agent
