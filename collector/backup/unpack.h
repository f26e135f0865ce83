// What a backup has in it, on the disk again. Called from one thread at a time.
#pragma once

#include <string>

#include "collector/backup/manifest.h"
#include "common/error.h"

namespace daicho::collector {

// Every member that the manifest names, and nothing else, with the digest it names, into the folder, which is there.
// kNotFound, kPermissionDenied: the file; kDataLoss: no backup, or damaged; kResourceExhausted: no room. After an error
// some members may be there.
Result<Manifest> UnpackBackup(const std::string& file, const std::string& folder);

}  // namespace daicho::collector
