// Reading the one-line files of which proc(5), sysfs(5) and /etc have many.
#pragma once

#include <string>
#include <string_view>

#include "agent/sources/source.h"
#include "common/text.h"

namespace daicho::agent {

inline constexpr std::size_t kMaxLineFileBytes = 64u << 10;

// First line, trimmed and clean. Errors are those of FileTree::Read.
inline Result<std::string> ReadLine(const FileTree& files, std::string_view path) {
  auto text = files.Read(path, kMaxLineFileBytes);
  if (!text) return text;
  std::string_view rest = *text;
  std::string_view line;
  NextLine(rest, line);
  return CleanText(Trim(line));
}

// The same; empty where it cannot be read.
inline std::string ReadLineOrEmpty(const FileTree& files, std::string_view path) {
  return ReadLine(files, path).value_or("");
}

}  // namespace daicho::agent
