#include "agent/sources/linux/file_issues.h"

#include <utility>

namespace daicho::agent {

void FileIssues::Add(FileIssue issue) {
  // Errors of a FileTree start with the path, which the issue has already.
  if (issue.message.starts_with(issue.file + ": ")) issue.message.erase(0, issue.file.size() + 2);
  if (++counts_[issue.file] <= kMaxIssuesPerFile) kept_.push_back(std::move(issue));
}

void FileIssues::MoveTo(SectionBuilder& section) {
  for (const FileIssue& issue : kept_) {
    if (issue.record) {
      section.AddRecordIssue(issue.file, *issue.record, issue.message);
    } else {
      section.AddIssue(issue.file, issue.line, issue.message);
    }
  }
  for (const auto& [file, count] : counts_) {
    if (count <= kMaxIssuesPerFile) continue;
    section.AddIssue(file, std::nullopt, std::to_string(count - kMaxIssuesPerFile) + " more places cannot be read");
  }
  kept_.clear();
  counts_.clear();
}

}  // namespace daicho::agent
