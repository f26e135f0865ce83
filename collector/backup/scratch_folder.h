// A new folder beside the path that it is made for, PATH.scratch-XXXXXX, mode 0700: removed with all that is in it,
// unless it is kept; also when the process is stopped (OnStop). One that is killed leaves it behind, and the next run
// beside it removes it: a file in it (.daicho-scratch, flock(2)) says that it is ours and whether anybody still has it.
// Used from one thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "common/error.h"

namespace daicho::collector {

class ScratchFolder {
 public:
  // kResourceExhausted: no room; kNotFound: no folder to make it in; kPermissionDenied: not to be made there. The
  // message names `path`. Says on standard error what others have left.
  static Result<ScratchFolder> MakeBeside(const std::string& path);
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();

  const std::string& path() const;

  // Until the lock goes, the process cannot be stopped: for a change that must not end halfway.
  std::unique_lock<std::mutex> HoldStops();
  // It has become `path`, by a rename(2), which HoldStops() saw through.
  void Keep(const std::string& path);

 private:
  struct Folder;
  explicit ScratchFolder(std::unique_ptr<Folder> folder);
  std::unique_ptr<Folder> folder_;
};

// The folders in `folder` that `name` ("admin/key.pem") wants, mode 0700. Not `folder` itself: a scratch folder that is
// gone is one whose process is being stopped, and must not come back. kNotFound: it is gone; the codes of MakeBeside.
Status MakeFoldersIn(const std::string& folder, const std::string& name);

}  // namespace daicho::collector
