#include "agent/sources/section_builder.h"

#include "common/text.h"

namespace daicho::agent {

namespace {

// Names in them come from files of the endpoint and may be of any length.
constexpr std::size_t kMaxTextBytes = 512;

std::string Clip(std::string_view text) { return CutToBytes(CleanText(text), kMaxTextBytes); }

}  // namespace

void SectionBuilder::AddIssue(std::string_view file, std::optional<std::uint32_t> line, std::string_view message) {
  v1::Issue& issue = *section_.add_issues();
  issue.set_file(Clip(file));
  if (line) issue.set_line(*line);
  issue.set_message(Clip(message));
}

void SectionBuilder::AddRecordIssue(std::string_view file, std::uint32_t record, std::string_view message) {
  AddIssue(file, std::nullopt, message);
  section_.mutable_issues()->rbegin()->set_record(record);
}

void SectionBuilder::Partial(std::string_view reason) {
  if (section_.status() != v1::SECTION_STATUS_UNSPECIFIED) return;
  section_.set_status(v1::PARTIAL);
  section_.set_reason(Clip(reason));
}

void SectionBuilder::Failed(std::string_view reason) {
  if (section_.status() == v1::FAILED) return;
  section_.set_status(v1::FAILED);
  section_.set_reason(Clip(reason));
}

v1::Section SectionBuilder::Take() {
  if (section_.status() == v1::SECTION_STATUS_UNSPECIFIED) section_.set_status(v1::OK);
  if (section_.status() == v1::FAILED) section_.clear_rows();
  return std::move(section_);
}

}  // namespace daicho::agent
