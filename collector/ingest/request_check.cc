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

std::string WhyRejected(const v1::SectionDelta& section) {
  if (section.status() != v1::OK && section.status() != v1::PARTIAL) {
    return "status " + std::to_string(section.status()) + "; rows come with OK or PARTIAL only";
  }
  if (section.result_digest().size() != kDigestBytes) {
    return "result_digest of " + std::to_string(section.result_digest().size()) + " bytes; 32 are due";
  }
  if (!section.base_digest().empty() && section.base_digest().size() != kDigestBytes) {
    return "base_digest of " + std::to_string(section.base_digest().size()) + " bytes; 32 or none are due";
  }
  if (static_cast<std::size_t>(section.added_size()) > kMaxSectionRows ||
      static_cast<std::size_t>(section.removed_size()) > kMaxSectionRows) {
    return "more than " + std::to_string(kMaxSectionRows) + " rows";
  }
  for (int i = 0; i < section.added_size(); ++i) {
    if (section.added(i).size() > kMaxRowBytes) {
      return "added[" + std::to_string(i) + "]: " + std::to_string(section.added(i).size()) +
             " bytes; a row has at most " + std::to_string(kMaxRowBytes);
    }
  }
  return {};
}

}  // namespace

void MendCheckIn(v1::CheckInRequest& request) {
  for (v1::SectionState& state : *request.mutable_sections()) MendState(state);
  CutInPlace(kMaxAgentVersionBytes, *request.mutable_agent_version());
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

v1::SectionResult CheckSection(const v1::SectionDelta& section) {
  v1::SectionResult result;
  result.set_name(section.name());
  std::string why = WhyRejected(section);
  if (!why.empty()) {
    result.set_outcome(v1::REJECTED);
    result.set_message(std::move(why));
  }
  return result;
}

}  // namespace daicho::collector
