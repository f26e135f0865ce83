#include "collector/backup/scratch_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace daicho::collector {

Result<ScratchFolder> ScratchFolder::MakeBeside(const std::string& path) {
  std::string folder = path + ".XXXXXX";
  if (::mkdtemp(folder.data()) != nullptr) return ScratchFolder(std::move(folder));
  return Fail(errno == ENOSPC ? Code::kResourceExhausted : Code::kPermissionDenied,
              path + ": cannot make a folder beside it: " + std::generic_category().message(errno));
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace daicho::collector
