// The calls of the Admin service that read: devices, software, accounts, findings, checklist.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "collector/admin/admin_service.h"
#include "collector/admin/device_lookup.h"
#include "collector/admin/device_past.h"
#include "collector/admin/device_reader.h"
#include "collector/admin/finding_reader.h"
#include "collector/admin/past_moment.h"
#include "collector/enrol/peer.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxText = 1000;

std::string Told(const char* name, const std::string& value) {
  return value.empty() ? std::string() : std::string(" ") + name + "=" + value.substr(0, kMaxText);
}

template <typename Request>
std::string ToldAt(const Request& request) {
  return request.has_at() ? " at=" + FormatTime(FromTimestamp(request.at())) : "";
}

Status CheckBelow(const v1::ListSoftwareRequest& request) {
  if (request.below().empty()) return {};
  if (request.name().empty()) {
    return Fail(Code::kInvalidArgument, "--below needs a NAME: versions of different software do not compare");
  }
  if (request.below().find_first_of("0123456789") == std::string::npos) {
    return Fail(Code::kInvalidArgument,
                "--below \"" + CleanText(request.below().substr(0, 64)) + "\": a version has a digit, such as 3.0.11");
  }
  return {};
}

// Empty stays empty: all devices.
Result<std::string> OptionalDevice(const Store& store, const std::string& text) {
  return text.empty() ? Result<std::string>(text) : FindDeviceId(store, text);
}

}  // namespace

grpc::Status AdminService::ListDevices(grpc::ServerContext* context, const v1::ListDevicesRequest*,
                                       grpc::ServerWriter<v1::Device>* writer) {
  const auto who = Begin(*context, Role::kViewer, "devices.list", "");
  if (!who) return ToGrpc(who.error());
  RefreshForCount();
  return Answer(*who, "devices.list",
                ReadDevices(parts_.store, [&](const v1::Device& device) { return writer->Write(device); }));
}

grpc::Status AdminService::Answer(const AdminIdentity& who, const std::string& action, const Status& done) {
  return done ? grpc::Status::OK : FailedRead(who, action, done.error());
}

void AdminService::RefreshForCount() {
  if (parts_.committer.IsFailing()) return;  // whoever looks need not wait for that
  if (auto fresh = parts_.findings.Refresh(); !fresh) spdlog::error("findings: {}", fresh.error().message);
}

Result<v1::DeviceDetail> AdminService::Detail(const v1::ShowDeviceRequest& request) {
  const auto device = FindDeviceId(parts_.store, request.device());
  if (!device) return std::unexpected(device.error());
  RefreshForCount();
  const auto moment = MomentOf(request, parts_.store, parts_.clock.Now());
  if (!moment) return std::unexpected(moment.error());
  const std::optional<UnixTime> at = *moment;
  auto detail = ReadDeviceDetail(parts_.store, *device, at);
  if (!detail) return detail;
  const auto done =
      ReadFindings(parts_.store, parts_.findings.rules(),
                   {.item = {}, .device_id = *device, .status = at ? "all" : "open"}, [&](const v1::Finding& finding) {
                     *detail->add_findings() = finding;
                     return true;
                   });
  if (!done) return std::unexpected(done.error());
  if (at) KeepFindingsOf(*at, *detail);
  return detail;
}

grpc::Status AdminService::ShowDevice(grpc::ServerContext* context, const v1::ShowDeviceRequest* request,
                                      v1::DeviceDetail* response) {
  const auto who = Begin(*context, Role::kViewer, "device.show", Told("device", request->device()) + ToldAt(*request));
  if (!who) return ToGrpc(who.error());
  auto detail = Detail(*request);
  if (!detail) return FailedRead(*who, "device.show", detail.error());
  *response = std::move(*detail);
  return grpc::Status::OK;
}

grpc::Status AdminService::ListSoftware(grpc::ServerContext* context, const v1::ListSoftwareRequest* request,
                                        grpc::ServerWriter<v1::SoftwareEntry>* writer) {
  const auto who = Begin(*context, Role::kViewer, "software.list",
                         Told("name", request->name()) + Told("below", request->below()) +
                             Told("device", request->device()) + ToldAt(*request));
  if (!who) return ToGrpc(who.error());
  if (auto good = CheckBelow(*request); !good) return FailedRead(*who, "software.list", good.error());
  const auto device = OptionalDevice(parts_.store, request->device());
  if (!device) return FailedRead(*who, "software.list", device.error());
  const auto at = MomentOf(*request, parts_.store, parts_.clock.Now());
  if (!at) return FailedRead(*who, "software.list", at.error());
  return Answer(
      *who, "software.list",
      ReadSoftware(parts_.store, {.name = request->name(), .below = request->below(), .device_id = *device, .at = *at},
                   [&](const v1::SoftwareEntry& entry) { return writer->Write(entry); }));
}

grpc::Status AdminService::ListAccounts(grpc::ServerContext* context, const v1::ListAccountsRequest* request,
                                        grpc::ServerWriter<v1::AccountEntry>* writer) {
  const auto who = Begin(*context, Role::kViewer, "accounts.list",
                         Told("device", request->device()) + (request->all() ? " all=true" : "") + ToldAt(*request));
  if (!who) return ToGrpc(who.error());
  const auto device = OptionalDevice(parts_.store, request->device());
  if (!device) return FailedRead(*who, "accounts.list", device.error());
  const auto at = MomentOf(*request, parts_.store, parts_.clock.Now());
  if (!at) return FailedRead(*who, "accounts.list", at.error());
  return Answer(*who, "accounts.list",
                ReadAccounts(parts_.store, {.device_id = *device, .all = request->all(), .at = *at},
                             [&](const v1::AccountEntry& entry) { return writer->Write(entry); }));
}

grpc::Status AdminService::ListFindings(grpc::ServerContext* context, const v1::ListFindingsRequest* request,
                                        grpc::ServerWriter<v1::Finding>* writer) {
  const auto who =
      Begin(*context, Role::kViewer, "findings.list",
            Told("item", request->item()) + Told("device", request->device()) + Told("status", request->status()));
  if (!who) return ToGrpc(who.error());
  const auto device = OptionalDevice(parts_.store, request->device());
  if (!device) return FailedRead(*who, "findings.list", device.error());
  // If a rule fails, the others' findings are given all the same, and then the error: neither nothing nor a list that
  // only looks complete.
  const auto fresh = parts_.findings.Refresh();
  const auto done = ReadFindings(parts_.store, parts_.findings.rules(),
                                 {.item = request->item(), .device_id = *device, .status = request->status()},
                                 [&](const v1::Finding& finding) { return writer->Write(finding); });
  return Answer(*who, "findings.list", done ? fresh : done);
}

grpc::Status AdminService::ListChecklist(grpc::ServerContext* context, const v1::ListChecklistRequest*,
                                         grpc::ServerWriter<v1::ChecklistRow>* writer) {
  const auto who = Begin(*context, Role::kViewer, "checklist.list", "");
  if (!who) return ToGrpc(who.error());
  const auto fresh = parts_.findings.Refresh();
  const auto done = ReadChecklist(parts_.store, parts_.findings.rules(),
                                  [&](const v1::ChecklistRow& row) { return writer->Write(row); });
  return Answer(*who, "checklist.list", done ? fresh : done);
}

}  // namespace daicho::collector
