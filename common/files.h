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

// kInvalidArgument: `path` is a device, pipe or folder. Replaces the file in one step: temporary file beside it, fsync,
// rename, fsync of the folder. A reader sees the old or the new content, also after a crash. `mode` is the new file's
// mode whatever the umask.
Status WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode = 0644);

// Creates the folder and its parents if missing; the last one gets `mode`.
Status MakeFolder(const std::string& path, mode_t mode = 0755);

}  // namespace daicho
