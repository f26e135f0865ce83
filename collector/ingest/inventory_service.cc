#include "collector/ingest/inventory_service.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <utility>

#include "collector/enrol/peer.h"
#include "collector/ingest/request_check.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::uint32_t kMinCheckInSeconds = 5;
constexpr std::uint32_t kRetryAfterSeconds = 20;
constexpr const char* kRetryAfter = "retry-after-seconds";

std::uint32_t RandomBetween(std::uint32_t low, std::uint32_t high) {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_int_distribution<std::uint32_t>(low, high)(generator);
}

// Tells the device when to come back if the collector is busy; spread, so that they do not all come back at once.
grpc::Status Refuse(grpc::ServerContext& context, const Error& error) {
  if (error.code == Code::kResourceExhausted || error.code == Code::kUnavailable) {
    context.AddTrailingMetadata(kRetryAfter, std::to_string(RandomBetween(kRetryAfterSeconds, 3 * kRetryAfterSeconds)));
  }
  return ToGrpc(error);
}

class Counted {
 public:
  explicit Counted(std::atomic<int>& count) : count_(count), now_(++count) {}
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }
  int now() const { return now_; }

 private:
  std::atomic<int>& count_;
  const int now_;
};

// The results in the order of the request: those rejected here, and those of the store for the rest.
void Merge(const std::vector<v1::SectionResult>& checked, std::vector<v1::SectionResult> stored,
           v1::ReportResponse& response) {
  std::size_t next = 0;
  for (const v1::SectionResult& result : checked) {
    if (result.outcome() == v1::REJECTED) {
      *response.add_results() = result;
    } else if (next < stored.size()) {
      *response.add_results() = std::move(stored[next++]);
    }
  }
}

void LogRejected(const std::string& device_id, const v1::ReportResponse& response) {
  for (const v1::SectionResult& result : response.results()) {
    if (result.outcome() != v1::REJECTED) continue;
    spdlog::warn("device/{} report section {} rejected: {}", device_id, CleanText(result.name()),
                 CleanText(result.message()));
  }
}

}  // namespace

std::uint32_t InventoryService::NextCheckIn() const {
  const auto spread = static_cast<std::uint32_t>(std::uint64_t{settings_.interval_seconds} *
                                                 std::min(settings_.jitter_percent, 100u) / 100);
  return std::max(kMinCheckInSeconds,
                  RandomBetween(settings_.interval_seconds - spread, settings_.interval_seconds + spread));
}

Result<std::string> InventoryService::Admit(const grpc::ServerContext& context, const char* call) {
  const auto refuse = [&](const std::string& who, Code code, std::string why) {
    parts_.journal.WriteRefusal(who, std::string(call) + ".refused", why + " from=" + PeerAddress(context));
    return Result<std::string>(Fail(code, std::move(why)));
  };
  const auto peer = PeerOf(context);
  if (!peer) return refuse("device/?", peer.error().code, peer.error().message);
  const auto* device = std::get_if<DeviceIdentity>(&peer->identity);
  if (device == nullptr) return refuse("device/?", Code::kPermissionDenied, "an admin's certificate reports nothing");
  const std::string who = "device/" + device->device_id;
  const auto access = parts_.store.FindDevice(device->device_id, peer->certificate_serial);
  if (!access && access.error().code == Code::kNotFound) {
    return refuse(who, Code::kPermissionDenied, "this collector does not know the device; enrol it again");
  }
  if (!access) return std::unexpected(access.error());
  if (access->status == DeviceStatus::kRevoked) {
    return refuse(who, Code::kPermissionDenied, "the device is revoked");
  }
  if (!access->certificate_accepted) {
    return refuse(who, Code::kPermissionDenied,
                  "the certificate was replaced by a newer one of this device; enrol it again if that one is lost");
  }
  return device->device_id;
}

grpc::Status InventoryService::Begin(const grpc::ServerContext& context, const char* call, std::uint32_t protocol,
                                     std::string& device_id) {
  auto admitted = Admit(context, call);
  if (!admitted) return ToGrpc(admitted.error());
  device_id = std::move(*admitted);
  return CheckProtocol(protocol);
}

grpc::Status InventoryService::CheckIn(grpc::ServerContext* context, const v1::CheckInRequest* request,
                                       v1::CheckInResponse* response) {
  CheckInWrite write;
  if (auto begun = Begin(*context, "device.check_in", request->protocol(), write.device_id); !begun.ok()) return begun;
  if (auto good = CheckCheckIn(*request); !good) return Refuse(*context, good.error());
  write.at = parts_.clock.Now();
  write.request = *request;
  MendCheckIn(write.request);
  auto written = parts_.committer.Submit(std::move(write));
  if (!written) return Refuse(*context, written.error());
  if (!written->result) return Refuse(*context, written->result.error());
  for (v1::SectionWanted& wanted : *written->result) *response->add_wanted() = std::move(wanted);
  response->set_next_check_in_seconds(NextCheckIn());
  *response->mutable_collector_time() = ToTimestamp(parts_.clock.Now());
  return grpc::Status::OK;
}

grpc::Status InventoryService::Report(grpc::ServerContext* context, const v1::ReportRequest* request,
                                      v1::ReportResponse* response) {
  ReportWrite write;
  if (auto begun = Begin(*context, "device.report", request->protocol(), write.device_id); !begun.ok()) return begun;
  const Counted working(reports_);
  if (working.now() > settings_.max_reports_at_once) {
    return Refuse(*context, {Code::kResourceExhausted, "the collector is busy with other reports"});
  }
  if (auto good = CheckReport(*request); !good) return Refuse(*context, good.error());
  write.at = parts_.clock.Now();
  write.request.set_protocol(request->protocol());
  *write.request.mutable_collected_at() = request->collected_at();
  std::vector<v1::SectionResult> checked;
  for (const v1::SectionDelta& section : request->sections()) {
    checked.push_back(CheckSection(section));
    if (checked.back().outcome() != v1::REJECTED) *write.request.add_sections() = section;
  }
  const std::string device_id = write.device_id;
  auto written = parts_.committer.Submit(std::move(write));
  if (!written) return Refuse(*context, written.error());
  if (!written->result) return Refuse(*context, written->result.error());
  Merge(checked, std::move(*written->result), *response);
  LogRejected(device_id, *response);
  response->set_next_check_in_seconds(NextCheckIn());
  return grpc::Status::OK;
}

Result<v1::RenewResponse> InventoryService::RenewDevice(const std::string& device_id, const v1::RenewRequest& request) {
  const UnixTime now = parts_.clock.Now();
  auto issued = parts_.authority.IssueDevice(request.csr_pem(), device_id, device_id, now, settings_.device_days);
  if (!issued) return std::unexpected(issued.error());
  RenewWrite write;
  write.device_id = device_id;
  write.certificate_serial = issued->serial_hex;
  write.certificate_not_after = issued->not_after;
  write.at = now;
  const auto written = parts_.committer.Submit(std::move(write));
  if (!written) return std::unexpected(written.error());
  if (!written->result) return std::unexpected(written->result.error());
  v1::RenewResponse response;
  response.set_certificate_pem(std::move(issued->certificate_pem));
  return response;
}

grpc::Status InventoryService::Renew(grpc::ServerContext* context, const v1::RenewRequest* request,
                                     v1::RenewResponse* response) {
  std::string device_id;
  if (auto begun = Begin(*context, "device.renew", request->protocol(), device_id); !begun.ok()) return begun;
  auto renewed = RenewDevice(device_id, *request);
  if (!renewed) {
    parts_.journal.WriteRefusal("device/" + device_id, "device.renew.refused", renewed.error().message);
    return Refuse(*context, renewed.error());
  }
  *response = std::move(*renewed);
  (void)parts_.journal.Write("device/" + device_id, "device.renew", "from=" + PeerAddress(*context));
  return grpc::Status::OK;
}

}  // namespace daicho::collector
