#include "agent/sources/linux/sudoers_reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "agent/sources/linux/sudoers_lines.h"
#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr std::size_t kMaxDepth = 32;
constexpr std::size_t kMaxFiles = 256;

class Reader {
 public:
  Reader(const FileTree& files, std::string_view hostname, FileIssues& issues)
      : files_(files), hostname_(hostname.substr(0, hostname.find('.'))), issues_(issues) {}

  SudoersFiles Read() {
    auto text = files_.Read(kSudoersPath, kMaxConfigBytes);
    if (text) {
      result_.state = SudoersState::kWhole;
      Parse(std::string(kSudoersPath), *text);
    } else if (text.error().code != Code::kNotFound) {
      result_.state = SudoersState::kUnreadable;
      result_.reason = text.error().message;
      issues_.Add(kSudoersPath, text.error().message);
    }
    return std::move(result_);
  }

 private:
  void Parse(const std::string& path, std::string_view text) {
    open_.push_back(path);
    SudoersLines lines(text);
    SudoersLine line;
    while (lines.Next(line)) {
      SudoersInclude include;
      if (line.open_quote) {
        issues_.AddLine(path, line.number, "malformed: a quotation is not closed; sudo passes over this line");
      } else if (ParseSudoersInclude(line.text, include)) {
        Include(path, line.number, include);
      } else if (auto status = ParseSudoersStatement(line.text, path, line.number, result_.sudoers); !status) {
        issues_.AddLine(path, line.number, status.error().message);
      }
    }
    open_.pop_back();
  }

  void Include(const std::string& from, std::uint32_t line, const SudoersInclude& include) {
    std::string path = include.path;
    if (path.empty()) return issues_.AddLine(from, line, "include without a path");
    if (const auto host = path.find("%h"); host != std::string::npos) {
      if (hostname_.empty()) return Miss(from, line, path + ": the host name (%h) is not known");
      path.replace(host, 2, hostname_);
    }
    if (!path.starts_with('/')) path = from.substr(0, from.rfind('/') + 1) + path;
    if (include.folder) return IncludeFolder(from, line, path);
    const auto missing = [&](const Error&) {
      issues_.AddLine(from, line, "included file " + path + " does not exist");
    };
    IncludeFile(from, line, path, missing);
  }

  void IncludeFolder(const std::string& from, std::uint32_t line, std::string path) {
    auto names = files_.List(path);
    if (!names) {
      // sudo takes a folder that does not exist for an empty one.
      if (names.error().code != Code::kNotFound) Miss(from, line, names.error().message);
      return;
    }
    std::ranges::sort(*names);
    if (!path.ends_with('/')) path += '/';
    for (const std::string& name : *names) {
      if (name.find('.') != std::string::npos || name.ends_with('~')) continue;
      const std::string file = path + name;
      if (const auto info = files_.Stat(file); info && info->kind == FileKind::kFolder) continue;
      IncludeFile(from, line, file, [](const Error&) {});
    }
  }

  template <typename Missing>
  void IncludeFile(const std::string& from, std::uint32_t line, const std::string& path, const Missing& missing) {
    if (std::ranges::find(open_, path) != open_.end()) {
      return issues_.AddLine(from, line, "includes " + path + ", which includes this file; not followed");
    }
    if (open_.size() >= kMaxDepth || ++count_ > kMaxFiles) {
      return Miss(from, line, path + ": too many included files or too deep; not followed");
    }
    auto text = files_.Read(path, kMaxConfigBytes);
    if (text) return Parse(path, *text);
    if (text.error().code == Code::kNotFound) return missing(text.error());
    Miss(from, line, text.error().message);
  }

  // Something that may give rights could not be read.
  void Miss(const std::string& from, std::uint32_t line, const std::string& message) {
    issues_.AddLine(from, line, message);
    if (result_.state == SudoersState::kPart) return;
    result_.state = SudoersState::kPart;
    result_.reason = message;
  }

  const FileTree& files_;
  std::string hostname_;
  FileIssues& issues_;
  SudoersFiles result_;
  std::vector<std::string> open_;
  std::size_t count_ = 0;
};

}  // namespace

SudoersFiles ReadSudoers(const FileTree& files, std::string_view hostname, FileIssues& issues) {
  return Reader(files, hostname, issues).Read();
}

}  // namespace daicho::agent
