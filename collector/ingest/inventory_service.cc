#include "collector/ingest/inventory_service.h"

#include <openssl/rand.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <random>
#include <utility>

#include "collector/enrol/peer.h"
#include "collector/ingest/request_check.h"
#include "collector/log/request_id.h"
#include "common/protocol.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::uint32_t kMinCheckInSeconds = 5;
constexpr const char* kRetryAfter = "retry-after-seconds";
constexpr int kContinuationBytes = 16;

std::uint32_t RandomBetween(std::uint32_t low, std::uint32_t high) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_int_distribution<std::uint32_t>(low, high)(generator);
}

Result<std::string> NewContinuation() {
  std::string bytes(kContinuationBytes, '\0');
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), kContinuationBytes) != 1) {
    return Fail(Code::kInternal, "OpenSSL has no random bytes");
  }
  return bytes;
}

// gRPC keeps the request until the call is finished, and it is finished after whoever holds this.
template <typename Request>
std::shared_ptr<const Request> Borrowed(const Request& request) {
  return {std::shared_ptr<void>(), &request};
}

bool IsRefusal(Code code) {
  return code == Code::kPermissionDenied || code == Code::kUnauthenticated || code == Code::kFailedPrecondition;
}

Error NotTheDevice(const CheckInAnswer& answer) {
  if (answer.line == DeviceLine::kCopy) {
    return {
        Code::kPermissionDenied,
        "this machine uses the identity of another one, which still checks in: its state folder is a copy; enrol it "
        "with a token of its own (daicho-agent enrol --force)"};
  }
  return {Code::kFailedPrecondition,
          "this machine does not go on where the device was: another mainboard, a restored backup, or a copy of its "
          "state folder; unless the other one is heard of, it is taken for the device from " +
              FormatTime(answer.held_until) + " on; to decide it now, enrol it again"};
}

void LogRejected(const std::string& device_id, const std::vector<v1::SectionResult>& results) {
  for (const v1::SectionResult& result : results) {
    if (result.outcome() != v1::REJECTED) continue;
    spdlog::warn("device/{} report section {} rejected: {}", device_id, CleanText(result.name()),
                 CleanText(result.message()));
  }
}

}  // namespace

InventoryService::InventoryService(const Parts& parts, const IngestSettings& settings)
    : parts_(parts), settings_(settings), limits_(settings.device_limits) {
  SetMessageAllocatorFor_CheckIn(&check_ins_);
  SetMessageAllocatorFor_Report(&reports_);
}

std::uint32_t InventoryService::NextCheckIn() const {
  const auto spread = static_cast<std::uint32_t>(std::uint64_t{settings_.interval_seconds} *
                                                 std::min(settings_.jitter_percent, 100u) / 100);
  return std::max(kMinCheckInSeconds,
                  RandomBetween(settings_.interval_seconds - spread, settings_.interval_seconds + spread));
}

InventoryService::Call InventoryService::Begin(grpc::CallbackServerContext* context, const char* action) {
  return {.context = context,
          .reactor = context->DefaultReactor(),
          .request_id = CurrentRequestId(),
          .action = action,
          .device_id = "?",
          .certificate_serial = {}};
}

Result<DeviceLimits::Pass> InventoryService::Enter(Call& call, std::uint32_t protocol) {
  auto peer = PeerOf(*call.context);
  if (!peer) return std::unexpected(std::move(peer.error()));
  auto* const device = std::get_if<DeviceIdentity>(&peer->identity);
  if (device == nullptr) return Fail(Code::kPermissionDenied, "an admin's certificate reports nothing");
  call.device_id = std::move(device->device_id);
  call.certificate_serial = std::move(peer->certificate_serial);
  if (auto spoken = CheckProtocol(protocol); !spoken) return std::unexpected(std::move(spoken.error()));
  return limits_.Enter(call.device_id, parts_.clock.Now());
}

void InventoryService::Refuse(const Call& call, const Error& error) {
  if (error.code == Code::kResourceExhausted || error.code == Code::kUnavailable) {
    call.context->AddTrailingMetadata(kRetryAfter, std::to_string(pace_.Next(parts_.clock.Now())));
  }
  const auto finish = [reactor = call.reactor, status = ToGrpc(error)] { reactor->Finish(status); };
  if (!IsRefusal(error.code)) return finish();
  parts_.journal.WriteRefusalThen("device/" + call.device_id, std::string(call.action) + ".refused",
                                  error.message + " from=" + PeerAddress(*call.context),
                                  [finish](const Status&) { finish(); });
}

template <typename Write, typename Then>
void InventoryService::Commit(Call call, DeviceLimits::Pass pass, Write write, std::size_t bytes, Then then) {
  write.device_id = call.device_id;
  write.caller_serial = call.certificate_serial;
  write.at = parts_.clock.Now();
  parts_.committer.SubmitThen(
      std::move(write), bytes,
      [this, call = std::move(call), pass = std::move(pass), then = std::move(then)](Result<StoreWrite> done) mutable {
        const RequestIdScope scope(call.request_id);
        if (!done) return Refuse(call, done.error());
        Write& written = std::get<Write>(*done);
        if (!written.result) return Refuse(call, written.result.error());
        then(call, written);
      });
}

grpc::ServerUnaryReactor* InventoryService::CheckIn(grpc::CallbackServerContext* context,
                                                    const v1::CheckInRequest* request, v1::CheckInResponse* response) {
  Call call = Begin(context, "device.check_in");
  const auto refused = [&](const Error& error) {
    Refuse(call, error);
    return call.reactor;
  };
  auto pass = Enter(call, request->protocol());
  if (!pass) return refused(pass.error());
  if (auto good = CheckCheckIn(*request); !good) return refused(good.error());
  MendCheckIn(decltype(check_ins_)::RequestOf(*context));
  CheckInWrite write;
  auto continuation = NewContinuation();
  if (!continuation) return refused(continuation.error());
  write.new_continuation = std::move(*continuation);
  write.request = Borrowed(*request);
  write.from = PeerHost(PeerAddress(*context));
  write.hold_seconds = settings_.hold_seconds;
  grpc::ServerUnaryReactor* const reactor = call.reactor;
  Commit(std::move(call), std::move(*pass), std::move(write), request->ByteSizeLong(),
         [this, response](const Call& done, CheckInWrite& written) {
           CheckInAnswer& answer = *written.result;
           if (answer.line == DeviceLine::kHeld || answer.line == DeviceLine::kCopy) {
             done.context->AddTrailingMetadata(kRetryAfter, std::to_string(NextCheckIn()));
             return Refuse(done, NotTheDevice(answer));
           }
           for (v1::SectionWanted& wanted : answer.wanted) *response->add_wanted() = std::move(wanted);
           response->set_next_check_in_seconds(NextCheckIn());
           *response->mutable_collector_time() = ToTimestamp(parts_.clock.Now());
           response->set_continuation(answer.continuation);
           if (answer.line == DeviceLine::kKnown) return done.reactor->Finish(grpc::Status::OK);
           parts_.journal.WriteThen("device/" + done.device_id, "device.taken_over",
                                    "the other one was silent; from=" + PeerAddress(*done.context),
                                    [reactor = done.reactor](const Status&) { reactor->Finish(grpc::Status::OK); });
         });
  return reactor;
}

grpc::ServerUnaryReactor* InventoryService::Report(grpc::CallbackServerContext* context,
                                                   const v1::ReportRequest* request, v1::ReportResponse* response) {
  Call call = Begin(context, "device.report");
  const auto refused = [&](const Error& error) {
    Refuse(call, error);
    return call.reactor;
  };
  auto pass = Enter(call, request->protocol());
  if (!pass) return refused(pass.error());
  if (auto good = CheckReport(*request); !good) return refused(good.error());
  ReportWrite write;
  write.request = Borrowed(*request);
  grpc::ServerUnaryReactor* const reactor = call.reactor;
  Commit(std::move(call), std::move(*pass), std::move(write), request->ByteSizeLong(),
         [this, response](const Call& done, ReportWrite& written) {
           LogRejected(done.device_id, *written.result);
           for (v1::SectionResult& result : *written.result) *response->add_results() = std::move(result);
           response->set_next_check_in_seconds(NextCheckIn());
           done.reactor->Finish(grpc::Status::OK);
         });
  return reactor;
}

Result<v1::RenewResponse> InventoryService::Issue(const std::string& csr_pem, RenewWrite& write) const {
  auto issued = parts_.authority.IssueDevice(csr_pem, write.device_id, write.device_id, parts_.clock.Now(),
                                             settings_.device_days);
  if (!issued) return std::unexpected(std::move(issued.error()));
  write.certificate_serial = issued->serial_hex;
  write.certificate_not_after = issued->not_after;
  v1::RenewResponse response;
  response.set_certificate_pem(std::move(issued->certificate_pem));
  return response;
}

grpc::ServerUnaryReactor* InventoryService::Renew(grpc::CallbackServerContext* context, const v1::RenewRequest* request,
                                                  v1::RenewResponse* response) {
  Call call = Begin(context, "device.renew");
  const auto refused = [&](const Error& error) {
    Refuse(call, error);
    return call.reactor;
  };
  auto pass = Enter(call, request->protocol());
  if (!pass) return refused(pass.error());
  RenewWrite write;
  write.device_id = call.device_id;
  write.continuation = request->continuation();
  auto issued = Issue(request->csr_pem(), write);
  if (!issued) return refused(issued.error());
  grpc::ServerUnaryReactor* const reactor = call.reactor;
  // Nobody gets the certificate who is not admitted by the write.
  Commit(std::move(call), std::move(*pass), std::move(write), request->ByteSizeLong(),
         [this, response, issued = std::move(*issued)](const Call& done, RenewWrite&) {
           *response = issued;
           parts_.journal.WriteThen("device/" + done.device_id, "device.renew", "from=" + PeerAddress(*done.context),
                                    [reactor = done.reactor](const Status&) { reactor->Finish(grpc::Status::OK); });
         });
  return reactor;
}

}  // namespace daicho::collector
