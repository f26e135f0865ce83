// An endpoint made of strings, for tests and fuzz targets of sources.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/source.h"

namespace daicho::agent {

class FakeTree final : public FileTree {
 public:
  FakeTree& File(std::string path, std::string content, FileInfo info = {}) {
    info.kind = FileKind::kRegular;
    info.size = content.size();
    if (info.inode == 0) info.inode = ++inodes_;
    infos_[path] = info;
    files_[std::move(path)] = std::move(content);
    return *this;
  }
  // Reading `path` fails with this error.
  FakeTree& Unreadable(std::string path, Code code = Code::kPermissionDenied) {
    errors_[std::move(path)] = code;
    return *this;
  }
  FakeTree& Link(std::string path, std::string target) {
    links_[std::move(path)] = std::move(target);
    return *this;
  }

  Result<std::string> Read(std::string_view path, std::size_t max_bytes) const override {
    const std::string key(path);
    if (const auto error = errors_.find(key); error != errors_.end()) return Fail(error->second, key + ": cannot read");
    const auto file = files_.find(key);
    if (file == files_.end()) return Fail(Code::kNotFound, key + ": no such file");
    if (file->second.size() > max_bytes) return Fail(Code::kResourceExhausted, key + ": too large");
    return file->second;
  }
  // In small pieces, so that every test of a source meets their ends.
  Status ReadPieces(std::string_view path, std::size_t max_bytes, const TakeBytes& take) const override {
    const auto whole = Read(path, max_bytes);
    if (!whole) return std::unexpected(whole.error());
    std::string_view rest = *whole;
    for (std::size_t shown = 0;;) {
      shown = std::min(rest.size(), shown + piece_bytes_);
      const bool last = shown == rest.size();
      const std::size_t taken = take(rest.substr(0, shown), last);
      if (last) return {};
      rest.remove_prefix(taken);
      shown -= taken;
    }
  }
  FakeTree& PieceBytes(std::size_t bytes) {
    piece_bytes_ = bytes;
    return *this;
  }
  Result<std::vector<std::string>> List(std::string_view path) const override {
    std::string prefix(path);
    if (!prefix.ends_with('/')) prefix += '/';
    std::map<std::string, bool> names;
    const auto collect = [&](const auto& entries) {
      for (const auto& [name, value] : entries) {
        if (name.starts_with(prefix))
          names[name.substr(prefix.size(), name.find('/', prefix.size()) - prefix.size())] = true;
      }
    };
    collect(files_);
    collect(links_);
    if (names.empty()) return Fail(Code::kNotFound, std::string(path) + ": no such folder");
    std::vector<std::string> result;
    for (const auto& [name, unused] : names) result.push_back(name);
    return result;
  }
  Result<FileInfo> Stat(std::string_view path) const override {
    const std::string key(path);
    if (const auto info = infos_.find(key); info != infos_.end()) return info->second;
    if (List(path)) return FileInfo{.kind = FileKind::kFolder, .mode = 0755};
    return Fail(Code::kNotFound, key + ": no such file");
  }
  Result<std::string> ReadLink(std::string_view path) const override {
    const auto link = links_.find(std::string(path));
    if (link == links_.end()) return Fail(Code::kNotFound, std::string(path) + ": no such link");
    return link->second;
  }

 private:
  std::map<std::string, std::string> files_;
  std::map<std::string, FileInfo> infos_;
  std::map<std::string, std::string> links_;
  std::map<std::string, Code> errors_;
  std::uint64_t inodes_ = 0;
  std::size_t piece_bytes_ = 100;
};

// A system with fixed addresses, or none (another root).
class FakeSystem final : public SystemView {
 public:
  FakeSystem() = default;
  explicit FakeSystem(std::vector<InterfaceAddress> addresses) : addresses_(std::move(addresses)), live_(true) {}
  Result<std::vector<InterfaceAddress>> Addresses() const override {
    if (!live_) return Fail(Code::kUnimplemented, "not the running system");
    return addresses_;
  }

 private:
  std::vector<InterfaceAddress> addresses_;
  bool live_ = false;
};

}  // namespace daicho::agent
