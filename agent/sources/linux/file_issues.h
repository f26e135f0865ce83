// What could not be read, with its place, until a section takes it. Keeps the first kMaxIssuesPerFile of a file and
// counts the rest, so that a file of noise costs no more than a file. Messages carry no content of the file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/section_builder.h"

namespace daicho::agent {

inline constexpr std::uint32_t kMaxIssuesPerFile = 20;

struct FileIssue {
  std::string file;
  std::optional<std::uint32_t> line;    // 1-based
  std::optional<std::uint32_t> record;  // 1-based
  std::string message;
};

class FileIssues {
 public:
  void Add(std::string_view file, std::string message) { Add({std::string(file), {}, {}, std::move(message)}); }
  void AddLine(std::string_view file, std::uint32_t line, std::string message) {
    Add({std::string(file), line, {}, std::move(message)});
  }
  void AddRecord(std::string_view file, std::uint32_t record, std::string message) {
    Add({std::string(file), {}, record, std::move(message)});
  }

  const std::vector<FileIssue>& kept() const { return kept_; }

  // Adds all issues, and one more for each file that had too many.
  void MoveTo(SectionBuilder& section);

 private:
  void Add(FileIssue issue);

  std::vector<FileIssue> kept_;
  std::map<std::string, std::uint32_t> counts_;
};

}  // namespace daicho::agent
