// The endpoint's files below a root folder: FileTree over the real file system.
//
// Links are resolved inside the root (rooted_open.h). Only regular files are read, so that no pipe blocks and no device
// is touched; of proc(5) and sysfs(5), which report size 0, everything until the end is read. A file replaced by
// rename(2) while it is read is read whole as it was: the descriptor holds it. One that grows or shrinks is
// read as far as it goes.
#pragma once

#include <string>

#include "agent/collect/rooted_open.h"
#include "agent/sources/source.h"
#include "agent/unique_fd.h"

namespace daicho::agent {

class RootedFileTree final : public FileTree {
 public:
  // kNotFound, kPermissionDenied, kInvalidArgument: `root` is no folder that can be opened.
  static Result<RootedFileTree> Open(const std::string& root, Resolver resolver = BestResolver());

  Result<std::string> Read(std::string_view path, std::size_t max_bytes) const override;
  Status ReadPieces(std::string_view path, std::size_t max_bytes, const TakeBytes& take) const override;
  Result<std::string> ReadAt(std::string_view path, std::uint64_t offset, std::size_t size) const override;
  Result<std::vector<std::string>> List(std::string_view path) const override;
  Result<FileInfo> Stat(std::string_view path) const override;
  Result<std::string> ReadLink(std::string_view path) const override;
  std::vector<std::optional<FileInfo>> StatEach(std::string_view folder,
                                                std::span<const std::string> names) const override;
  Result<std::vector<std::string>> ReadLinks(std::string_view folder) const override;

 private:
  // A regular file, opened, and what it is.
  struct Opened {
    UniqueFd file;
    FileInfo info;
  };
  RootedFileTree(UniqueFd root, Resolver resolver) : root_(std::move(root)), resolver_(resolver) {}

  Result<Opened> OpenRegular(std::string_view path) const;

  UniqueFd root_;
  Resolver resolver_;
};

}  // namespace daicho::agent
