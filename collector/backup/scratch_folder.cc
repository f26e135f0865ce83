#include "collector/backup/scratch_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

#include "collector/backup/on_stop.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = ".daicho-scratch";
constexpr std::string_view kInfix = ".scratch-";
constexpr std::size_t kLetters = 6;
constexpr int kTries = 100;

std::string MarkOf(const fs::path& folder) { return (folder / kMark).string(); }

// Whoever is at work in the folder may make files in it until it is gone. The mark is the last to go, so that what is
// left of a removal that is killed is removed by the next run.
void Remove(const fs::path& folder) {
  std::error_code error;
  for (int tries = 0; tries < kTries && fs::exists(folder, error); ++tries) {
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().filename() != kMark) fs::remove_all(entry.path(), error);
    }
    fs::remove_all(folder, error);
  }
}

// An open and locked mark that a run of this user's left; -1: somebody has it, or it is gone.
int TakeLeftMark(const fs::path& folder) {
  const int mark = ::open(MarkOf(folder).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  struct stat found{};
  const bool is_ours = mark >= 0 && ::flock(mark, LOCK_EX | LOCK_NB) == 0 && ::fstat(mark, &found) == 0 &&
                       found.st_nlink == 1 && S_ISREG(found.st_mode) && found.st_uid == ::geteuid();
  if (is_ours) return mark;
  if (mark >= 0) ::close(mark);
  return -1;
}

bool MayBeScratch(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name.size() < kInfix.size() + kLetters) return false;
  struct stat found{};
  return name.substr(name.size() - kLetters - kInfix.size(), kInfix.size()) == kInfix &&
         ::lstat(path.c_str(), &found) == 0 && found.st_uid == ::geteuid() && found.st_mode == (S_IFDIR | S_IRWXU);
}

// An empty one has no mark yet: whoever is about to make it makes another folder.
void RemoveLeftovers(const fs::path& parent) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(parent, error)) {
    const fs::path& path = entry.path();
    if (!MayBeScratch(path)) continue;
    if (const int mark = TakeLeftMark(path); mark >= 0) {
      Remove(path);
      ::close(mark);
    } else if (::rmdir(path.c_str()) != 0) {
      continue;
    }
    std::cerr << CleanText(path.string()) << ": removed; a run that was killed had left it\n";
  }
}

std::unexpected<Error> FailToMake(const std::string& what, int error) {
  const bool is_missing = error == ENOENT || error == ENOTDIR;
  return Fail(error == ENOSPC ? Code::kResourceExhausted
              : is_missing    ? Code::kNotFound
                              : Code::kPermissionDenied,
              what + ": " + std::generic_category().message(error));
}

}  // namespace

struct ScratchFolder::Folder {
  ~Folder() {
    if (mark >= 0) ::close(mark);
  }

  // False: errno says why.
  bool MakeBeside(const std::string& beside) {
    const auto held = on_stop.Hold();
    for (int tries = 0; tries < kTries; ++tries) {
      std::string made = beside + std::string(kInfix) + std::string(kLetters, 'X');
      if (::mkdtemp(made.data()) == nullptr) return false;
      // Between the two, another run may take it for one that nobody has: then it is gone, or being removed.
      mark = ::open(MarkOf(made).c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (mark < 0 && errno == ENOENT) continue;
      if (mark < 0) {
        const int error = errno;
        Remove(made);
        errno = error;
        return false;
      }
      if (IsLocked()) {
        path = std::move(made);
        return true;
      }
      ::close(mark);
      mark = -1;
    }
    errno = EBUSY;
    return false;
  }

  // A file system without locks (some network shares) has nobody who could take it, either. (Who owns the mark does
  // not matter: a share may give all files to one owner.)
  bool IsLocked() const {
    struct stat found{};
    if (::flock(mark, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
    return ::fstat(mark, &found) == 0 && found.st_nlink > 0;
  }

  void RemoveIt() const {
    if (!path.empty()) Remove(path);
  }

  std::string path;  // empty: there is none, or it is kept
  int mark = -1;
  OnStop on_stop{[this] { RemoveIt(); }};
};

ScratchFolder::ScratchFolder(std::unique_ptr<Folder> folder) : folder_(std::move(folder)) {}

Result<ScratchFolder> ScratchFolder::MakeBeside(const std::string& path) {
  const fs::path parent = fs::path(path).parent_path();
  RemoveLeftovers(parent.empty() ? "." : parent);
  auto folder = std::make_unique<Folder>();
  if (folder->MakeBeside(path)) return ScratchFolder(std::move(folder));
  const int error = errno;
  folder.reset();
  return FailToMake(path + ": cannot make a folder beside it", error);
}

ScratchFolder::ScratchFolder(ScratchFolder&& other) noexcept = default;

ScratchFolder::~ScratchFolder() {
  if (folder_) folder_->RemoveIt();
}

const std::string& ScratchFolder::path() const { return folder_->path; }

std::unique_lock<std::mutex> ScratchFolder::HoldStops() { return folder_->on_stop.Hold(); }

void ScratchFolder::Keep(const std::string& path) {
  ::unlink(MarkOf(path).c_str());
  folder_->path.clear();
}

Status MakeFoldersIn(const std::string& folder, const std::string& name) {
  for (auto slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
    const std::string path = folder + "/" + name.substr(0, slash);
    if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return FailToMake(path + ": cannot create", errno);
  }
  return {};
}

}  // namespace daicho::collector
