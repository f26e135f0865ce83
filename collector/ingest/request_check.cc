#include "collector/ingest/request_check.h"

#include <set>
#include <string>
#include <string_view>

#include "common/delta.h"
#include "common/protocol.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxSectionName = 64;

std::string Place(int position, std::string_view name) {
  return "sections[" + std::to_string(position) + "] \"" + CleanText(name.substr(0, kMaxSectionName)) + "\": ";
}

Status CheckName(int position, const std::string& name, std::set<std::string_view>& seen) {
  if (name.empty() || name.size() > kMaxSectionName) {
    return Fail(Code::kInvalidArgument, Place(position, name) + "a name has 1 to 64 bytes");
  }
  if (!seen.insert(name).second) return Fail(Code::kInvalidArgument, Place(position, name) + "named twice");
  return {};
}

Status CheckCount(int sections) {
  if (sections <= kMaxSections) return {};
  return Fail(Code::kInvalidArgument,
              std::to_string(sections) + " sections; at most " + std::to_string(kMaxSections) + " are taken");
}

// Empty: the state can be kept.
std::string WhyUnusable(const v1::SectionState& state) {
  if (state.status() != v1::OK && state.status() != v1::PARTIAL && state.status() != v1::FAILED) {
    return "status " + std::to_string(state.status()) + " is none of OK, PARTIAL, FAILED";
  }
  if (state.status() == v1::FAILED) return {};
  if (state.digest().size() != kDigestBytes) {
    return "digest of " + std::to_string(state.digest().size()) + " bytes; 32 are due";
  }
  if (state.row_count() > kMaxSectionRows) return "row_count over " + std::to_string(kMaxSectionRows);
  return {};
}

void MendState(v1::SectionState& state) {
  if (const std::string why = WhyUnusable(state); !why.empty()) {
    state.set_status(v1::FAILED);
    state.set_reason("the device sent a state that this collector cannot use: " + why);
  }
  if (state.status() == v1::FAILED) {
    state.clear_digest();
    state.clear_row_count();
  }
  CutInPlace(kMaxReasonBytes, *state.mutable_reason());
  if (const int over = state.issues_size() - static_cast<int>(kMaxIssues); over > 0) {
    state.mutable_issues()->DeleteSubrange(static_cast<int>(kMaxIssues), over);
  }
  for (v1::Issue& issue : *state.mutable_issues()) {
    CutInPlace(kMaxIssueFileBytes, *issue.mutable_file());
    CutInPlace(kMaxIssueMessageBytes, *issue.mutable_message());
  }
}

void MendLine(v1::DeviceLine& line) {
  if (line.continuation().size() > kMaxLineIdBytes) line.mutable_continuation()->resize(kMaxLineIdBytes);
  if (line.instance().size() > kMaxLineIdBytes) line.mutable_instance()->resize(kMaxLineIdBytes);
  CutInPlace(kMaxMachineIdBytes, *line.mutable_machine_id());
  CutInPlace(kMaxMachineIdBytes, *line.mutable_hardware_id());
  CutInPlace(kMaxHostnameBytes, *line.mutable_hostname());
}

}  // namespace

void MendCheckIn(v1::CheckInRequest& request) {
  for (v1::SectionState& state : *request.mutable_sections()) MendState(state);
  CutInPlace(kMaxAgentVersionBytes, *request.mutable_agent_version());
  if (request.has_line()) MendLine(*request.mutable_line());
  if (!request.has_last_cycle()) return;
  auto& overruns = *request.mutable_last_cycle()->mutable_overruns();
  if (const int over = overruns.size() - static_cast<int>(kMaxOverruns); over > 0) overruns.DeleteSubrange(0, over);
  for (std::string& overrun : overruns) CutInPlace(kMaxOverrunBytes, overrun);
}

Status CheckCheckIn(const v1::CheckInRequest& request) {
  if (auto good = CheckCount(request.sections_size()); !good) return good;
  std::set<std::string_view> seen;
  for (int i = 0; i < request.sections_size(); ++i) {
    if (auto good = CheckName(i, request.sections(i).name(), seen); !good) return good;
  }
  return {};
}

Status CheckReport(const v1::ReportRequest& request) {
  if (auto good = CheckCount(request.sections_size()); !good) return good;
  std::set<std::string_view> seen;
  for (int i = 0; i < request.sections_size(); ++i) {
    if (auto good = CheckName(i, request.sections(i).name(), seen); !good) return good;
  }
  return {};
}

}  // namespace daicho::collector
