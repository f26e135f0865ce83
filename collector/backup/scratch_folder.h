// A new folder beside the path that it is made for, mode 0700: removed with all that is in it, unless it is kept. Used
// from one thread.
#pragma once

#include <string>

#include "common/error.h"

namespace daicho::collector {

class ScratchFolder {
 public:
  // kResourceExhausted: no room; kPermissionDenied: not to be made there. The message names `path`.
  static Result<ScratchFolder> MakeBeside(const std::string& path);
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::string& path() const { return path_; }
  // It has become something else.
  void Keep() { path_.clear(); }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;  // empty: nothing to remove
};

}  // namespace daicho::collector
