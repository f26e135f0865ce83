#include "common/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

Status WriteFileAtomically(const std::string& path, std::string_view content, mode_t mode) {
  // Renaming onto /dev/null or a pipe would replace it for the whole machine.
  struct stat target{};
  if (::stat(path.c_str(), &target) == 0 && !S_ISREG(target.st_mode)) {
    return Fail(Code::kInvalidArgument, path + ": is no regular file; name one that may be replaced");
  }
  std::string temporary = path + ".XXXXXX";
  const Descriptor file(::mkostemp(temporary.data(), O_CLOEXEC));
  if (file.get() < 0) return FailErrno(path, "cannot create a temporary file beside it");
  const auto finish = [&]() -> Status {
    if (::fchmod(file.get(), mode) != 0) return FailErrno(temporary, "cannot set its mode");
    if (auto written = WriteAll(file.get(), content, temporary); !written) return written;
    if (::fsync(file.get()) != 0) return FailErrno(temporary, "cannot flush");
    if (::rename(temporary.c_str(), path.c_str()) != 0) return FailErrno(path, "cannot replace");
    return {};
  };
  if (auto done = finish(); !done) {
    ::unlink(temporary.c_str());
    return done;
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor parent(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() < 0 || ::fsync(parent.get()) != 0) return FailErrno(folder, "cannot flush the folder");
  return {};
}

Status MakeFolder(const std::string& path, mode_t mode) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return Fail(CodeOfErrno(error.value()), path + ": cannot create: " + error.message());
  if (::chmod(path.c_str(), mode) != 0) return FailErrno(path, "cannot set its mode");
  return {};
}

}  // namespace daicho
