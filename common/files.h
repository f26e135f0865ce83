// The few file operations both sides need for their own state. Not for endpoint data: that goes through
// agent/collect, which is rooted and follows no links out.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "common/error.h"

namespace daicho {

// Whole content. kNotFound, kPermissionDenied, kResourceExhausted (over max_bytes), kDataLoss; the message has path and
// reason.
Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes = 64u << 20);

// A file that is written piece by piece and replaces the one at its path in one step: temporary file in the same
// folder, fsync, rename, fsync of the folder. A reader sees the old or the whole new content, also after a crash. The
// temporary file has no name until it is whole (open(2), O_TMPFILE), so that whatever ends the process leaves nothing
// behind; only where the file system cannot do that (network shares) is there a "PATH.XXXXXX", which a killed process
// leaves.
//
// The errors' messages have path and reason; kResourceExhausted: no space left. After an error only destruction makes
// sense. Threads: one at a time.
class AtomicFile {
 public:
  // `mode` is the new file's mode whatever the umask. kInvalidArgument: `path` is a device, pipe or folder; kNotFound:
  // no such folder.
  static Result<AtomicFile> Create(const std::string& path, mode_t mode = 0644);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  // Without Commit() the path keeps what it has.
  ~AtomicFile();

  Status Append(std::string_view bytes);
  // Once, after the last Append().
  Status Commit();

 private:
  AtomicFile(std::string path, int file, std::string temporary);
  Status Name();

  std::string path_;
  int file_ = -1;
  std::string temporary_;  // its name, while it has one
};

// AtomicFile with the whole content at once.
Status WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode = 0644);

// Creates the folder and its parents if missing; the last one gets `mode`.
Status MakeFolder(const std::string& path, mode_t mode = 0755);

}  // namespace daicho
