#include "agent/uplink/section_report.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/identity/row_file.h"
#include "common/files.h"
#include "common/partial_rows.h"
#include "common/protocol.h"
#include "common/sections.h"
#include "common/text.h"

namespace daicho::agent {

namespace {

void AddReason(const std::string& reason, std::string& reasons) {
  if (!reasons.empty()) reasons += "; ";
  reasons += reason;
}

// Section names become file names.
bool SafeName(const std::string& section) {
  return !section.empty() && section.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == section.npos;
}

}  // namespace

std::string AcknowledgedRows::Digest(const std::string& section) const {
  if (!SafeName(section)) return {};
  auto header = LoadRowFileHeader(state_.Acknowledged(section));
  return header ? header->digest : std::string();
}

Result<Rows> AcknowledgedRows::Load(const std::string& section) const {
  if (!SafeName(section)) return Fail(Code::kNotFound, "no such section: " + CleanText(section));
  auto file = LoadRowFile(state_.Acknowledged(section));
  if (!file) return std::unexpected(std::move(file.error()));
  return std::move(file->rows);
}

Status AcknowledgedRows::Save(const std::string& section, UnixTime time, const Rows& ordered) const {
  if (!SafeName(section)) return Fail(Code::kInvalidArgument, "not a section name: " + CleanText(section));
  if (auto made = MakeFolder(state_.AcknowledgedFolder(), 0700); !made) return made;
  return SaveRowFile(state_.Acknowledged(section), time, ordered);
}

SectionReport::SectionReport(v1::Section section, const AcknowledgedRows& acknowledged) {
  state_.set_name(section.name());
  state_.set_status(section.status());
  state_.set_reason(section.reason());
  if (section.status() != v1::OK && section.status() != v1::PARTIAL) {
    state_.set_status(v1::FAILED);
    if (state_.reason().empty()) state_.set_reason("the section has no status");
  }
  DropOversizedRows(section);
  if (state_.status() != v1::FAILED) {
    rows_.assign(std::make_move_iterator(section.mutable_rows()->begin()),
                 std::make_move_iterator(section.mutable_rows()->end()));
    OrderRows(rows_);
    if (state_.status() == v1::PARTIAL) LayOverAcknowledged(acknowledged);
    state_.set_digest(DigestRows(rows_));
    state_.set_row_count(static_cast<std::uint32_t>(rows_.size()));
  }
  CopyIssues(section);
  CutInPlace(kMaxReasonBytes, *state_.mutable_reason());
}

void SectionReport::DropOversizedRows(v1::Section& section) {
  const auto too_large = [](const std::string& row) { return row.size() > kMaxRowBytes; };
  auto& rows = *section.mutable_rows();
  const auto kept = std::remove_if(rows.begin(), rows.end(), too_large);
  if (const auto dropped = rows.end() - kept; dropped > 0) {
    rows.erase(kept, rows.end());
    const std::string reason =
        std::to_string(dropped) + " rows over " + std::to_string(kMaxRowBytes) + " bytes left out";
    section.add_issues()->set_message(reason);
    AddReason(reason, *state_.mutable_reason());
    if (state_.status() == v1::OK) state_.set_status(v1::PARTIAL);
  }
  if (static_cast<std::size_t>(rows.size()) > kMaxSectionRows) {
    AddReason(std::to_string(rows.size()) + " rows are over the limit of " + std::to_string(kMaxSectionRows),
              *state_.mutable_reason());
    state_.set_status(v1::FAILED);
  }
}

void SectionReport::LayOverAcknowledged(const AcknowledgedRows& acknowledged) {
  const SectionType* type = FindSection(state_.name());
  const auto known = acknowledged.Load(state_.name());
  if (!type || !known) return;
  seen_ = std::exchange(rows_, {});
  rows_ = MergePartial(*type, *known, seen_);
  laid_over_ = true;
}

void SectionReport::CopyIssues(const v1::Section& section) {
  state_.set_issue_count(static_cast<std::uint32_t>(section.issues_size()));
  const int kept = std::min(section.issues_size(), static_cast<int>(kMaxIssues));
  for (int i = 0; i < kept; ++i) {
    v1::Issue& issue = *state_.add_issues() = section.issues(i);
    CutInPlace(kMaxIssueFileBytes, *issue.mutable_file());
    CutInPlace(kMaxIssueMessageBytes, *issue.mutable_message());
  }
}

v1::SectionDelta SectionReport::Change(const std::string& base_digest, const AcknowledgedRows& acknowledged) const {
  if (base_digest.empty() || acknowledged.Digest(state_.name()) != base_digest) return Everything();
  const auto base = acknowledged.Load(state_.name());
  if (!base) return Everything();
  v1::SectionDelta delta;
  delta.set_name(state_.name());
  delta.set_status(state_.status());
  MakeDelta(*base, rows_, delta);
  return delta;
}

v1::SectionDelta SectionReport::Everything() const {
  v1::SectionDelta delta;
  delta.set_name(state_.name());
  delta.set_status(state_.status());
  MakeFull(laid_over_ ? seen_ : rows_, delta);
  return delta;
}

}  // namespace daicho::agent
