#include "agent/sources/section_builder.h"

#include "common/text.h"

namespace daicho::agent {

void SectionBuilder::AddIssue(std::string_view file, std::optional<std::uint32_t> line, std::string_view message) {
  v1::Issue& issue = *section_.add_issues();
  issue.set_file(CleanText(file));
  if (line) issue.set_line(*line);
  issue.set_message(CleanText(message));
}

void SectionBuilder::AddRecordIssue(std::string_view file, std::uint32_t record, std::string_view message) {
  AddIssue(file, std::nullopt, message);
  section_.mutable_issues()->rbegin()->set_record(record);
}

void SectionBuilder::Partial(std::string_view reason) {
  if (section_.status() != v1::SECTION_STATUS_UNSPECIFIED) return;
  section_.set_status(v1::PARTIAL);
  section_.set_reason(CleanText(reason));
}

void SectionBuilder::Failed(std::string_view reason) {
  if (section_.status() == v1::FAILED) return;
  section_.set_status(v1::FAILED);
  section_.set_reason(CleanText(reason));
}

v1::Section SectionBuilder::Take() {
  if (section_.status() == v1::SECTION_STATUS_UNSPECIFIED) section_.set_status(v1::OK);
  if (section_.status() == v1::FAILED) section_.clear_rows();
  return std::move(section_);
}

}  // namespace daicho::agent
