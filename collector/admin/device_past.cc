#include "collector/admin/device_past.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "common/time_format.h"

namespace daicho::collector {

namespace {

// As the view `device` lists them (views.sql): what tells the machine from others in a network.
bool TellsTheMachine(std::string_view address) {
  const bool link_local =
      address.starts_with("169.254.") || (address.size() > 3 && address.starts_with("fe") &&
                                          std::string_view("89ab").find(address[2]) != std::string_view::npos);
  return !link_local && !address.starts_with("127.") && address != "::1";
}

void SetAddresses(const v1::DeviceDetail& detail, v1::Device& device) {
  std::set<std::string> addresses;
  std::set<std::string> macs;
  std::set<std::string> real_macs;
  for (const v1::NetworkInterface& interface : detail.interfaces()) {
    if (!interface.mac().empty() && interface.mac() != "00:00:00:00:00:00") {
      macs.insert(interface.mac());
      if (!interface.virtual_() && interface.kind() != "loopback") real_macs.insert(interface.mac());
    }
    if (interface.kind() == "loopback") continue;
    for (const std::string& address : interface.addresses()) {
      const std::string alone = address.substr(0, address.find('/'));
      if (TellsTheMachine(alone)) addresses.insert(alone);
    }
  }
  for (const std::string& address : addresses) device.add_addresses(address);
  for (const std::string& mac : real_macs.empty() ? macs : real_macs) device.add_macs(mac);
}

void SetFromSections(const v1::DeviceDetail& detail, v1::Device& device) {
  for (const v1::SectionState& section : detail.sections()) {
    if (section.digest().empty()) continue;
    if (device.status() == "enrolled") device.set_status("active");
    if (section.name() == "software") device.set_software_count(section.row_count());
    if (section.name() == "accounts") device.set_account_count(section.row_count());
  }
}

}  // namespace

Status SetBack(UnixTime at, v1::DeviceDetail& detail) {
  const v1::Device& now = detail.device();
  if (FromTimestamp(now.enrolled_at()) > at) {
    return Fail(Code::kNotFound, "device " + now.device_id() + " was not known at " + FormatTime(at) +
                                     ": it enrolled at " + FormatTime(FromTimestamp(now.enrolled_at())));
  }
  v1::Device then;
  then.set_device_id(now.device_id());
  then.set_hostname(detail.os().hostname().empty() ? now.hostname() : detail.os().hostname());
  then.set_status("enrolled");
  SetFromSections(detail, then);
  then.set_os(detail.os().name());
  then.set_os_version(detail.os().version());
  then.set_kernel(detail.os().kernel());
  then.set_manufacturer(detail.hardware().manufacturer());
  then.set_model(detail.hardware().model());
  then.set_serial(detail.hardware().serial());
  SetAddresses(detail, then);
  *then.mutable_enrolled_at() = now.enrolled_at();
  if (now.has_revoked_at() && FromTimestamp(now.revoked_at()) <= at) {
    *then.mutable_revoked_at() = now.revoked_at();
    then.set_status("revoked");
  }
  *detail.mutable_device() = std::move(then);
  detail.clear_last_cycle();
  detail.clear_clock_skew_seconds();
  *detail.mutable_at() = ToTimestamp(at);
  return {};
}

void KeepFindingsOf(UnixTime at, v1::DeviceDetail& detail) {
  auto& findings = *detail.mutable_findings();
  const auto gone = std::remove_if(findings.begin(), findings.end(), [at](const v1::Finding& finding) {
    return FromTimestamp(finding.first_seen()) > at ||
           (finding.has_resolved_at() && FromTimestamp(finding.resolved_at()) <= at);
  });
  findings.erase(gone, findings.end());
  for (v1::Finding& finding : findings) {
    finding.set_status("open");
    finding.clear_resolved_at();
    finding.clear_waived_by();
    finding.clear_waive_reason();
    finding.clear_waived_until();
  }
  detail.mutable_device()->set_open_findings(static_cast<std::uint32_t>(findings.size()));
}

}  // namespace daicho::collector
