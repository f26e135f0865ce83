#include "common/files.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace daicho {

namespace {

Code CodeOfErrno(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Code::kNotFound;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case EMFILE:
    case ENFILE:
      return Code::kResourceExhausted;
    default:
      return Code::kDataLoss;
  }
}

std::unexpected<Error> FailErrno(const std::string& path, const char* what) {
  const int error = errno;
  return Fail(CodeOfErrno(error), path + ": " + what + ": " + std::generic_category().message(error));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return FailErrno(path, "cannot write");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::string FolderOf(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

std::string DescriptorPath(int file) { return "/proc/self/fd/" + std::to_string(file); }

// A file without a name that can be given one later; -1: not on this file system, or not without /proc.
int OpenNameless(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0 || ::access(DescriptorPath(file).c_str(), F_OK) == 0) return file;
  ::close(file);
  return -1;
}

// What mkostemp(3) puts for its XXXXXX; empty: errno says why.
std::string RandomLetters() {
  static constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  std::array<unsigned char, 6> random{};
  if (::getrandom(random.data(), random.size(), 0) < 0) return {};
  std::string letters;
  for (const unsigned char byte : random) letters += kLetters[byte % kLetters.size()];
  return letters;
}

}  // namespace

Result<std::string> ReadFile(const std::string& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return FailErrno(path, "cannot open");
  std::string content;
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t size = ::read(file.get(), buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return FailErrno(path, "cannot read");
    if (size == 0) return content;
    content.append(buffer, static_cast<std::size_t>(size));
    if (content.size() > max_bytes) {
      return Fail(Code::kResourceExhausted, path + ": larger than " + std::to_string(max_bytes) + " bytes");
    }
  }
}

AtomicFile::AtomicFile(std::string path, int file, std::string temporary)
    : path_(std::move(path)), file_(file), temporary_(std::move(temporary)) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      temporary_(std::exchange(other.temporary_, {})) {}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<AtomicFile> AtomicFile::Create(const std::string& path, mode_t mode) {
  // Renaming onto /dev/null or a pipe would replace it for the whole machine.
  struct stat target{};
  if (::stat(path.c_str(), &target) == 0 && !S_ISREG(target.st_mode)) {
    return Fail(Code::kInvalidArgument, path + ": is no regular file; name one that may be replaced");
  }
  std::string temporary;
  int file = OpenNameless(FolderOf(path));
  if (file < 0) {
    temporary = path + ".XXXXXX";
    file = ::mkostemp(temporary.data(), O_CLOEXEC);
  }
  if (file < 0) return FailErrno(path, "cannot create a temporary file beside it");
  AtomicFile made(path, file, std::move(temporary));
  if (::fchmod(file, mode) != 0) return FailErrno(path, "cannot set its mode");
  return made;
}

Status AtomicFile::Append(std::string_view bytes) { return WriteAll(file_, bytes, path_); }

// rename(2) replaces a file and linkat(2) does not, so what has no name gets a temporary one first.
Status AtomicFile::Name() {
  if (!temporary_.empty()) return {};
  constexpr int kTries = 100;
  for (int tries = 0; tries < kTries; ++tries) {
    const std::string letters = RandomLetters();
    if (letters.empty()) break;
    std::string name = path_ + "." + letters;
    if (::linkat(AT_FDCWD, DescriptorPath(file_).c_str(), AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0) {
      temporary_ = std::move(name);
      return {};
    }
    if (errno != EEXIST) break;
  }
  return FailErrno(path_, "cannot name the temporary file beside it");
}

Status AtomicFile::Commit() {
  if (::fsync(file_) != 0) return FailErrno(path_, "cannot flush");
  if (auto named = Name(); !named) return named;
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return FailErrno(path_, "cannot replace");
  temporary_.clear();
  const std::string folder = FolderOf(path_);
  const Descriptor parent(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) return FailErrno(folder, "cannot flush the folder");
  return {};
}

Status WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode) {
  auto file = AtomicFile::Create(path, mode);
  if (!file) return std::unexpected(file.error());
  if (auto written = file->Append(content); !written) return written;
  return file->Commit();
}

Status MakeFolder(const std::string& path, mode_t mode) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Fail(CodeOfErrno(error.value()), path + ": cannot create: " + error.message());
  if (::chmod(path.c_str(), mode) != 0) return FailErrno(path, "cannot set its mode");
  return {};
}

}  // namespace daicho
