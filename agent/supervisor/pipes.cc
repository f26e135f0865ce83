#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "agent/supervisor/children.h"

namespace daicho::agent {

namespace {

std::unexpected<Error> FailErrno(const char* what) {
  return Fail(Code::kInternal, std::string(what) + ": " + std::generic_category().message(errno));
}

}  // namespace

Result<Pipe> NewPipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return FailErrno("cannot make a pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

Result<UniqueFd> NewMemoryFile(std::string_view content) {
  UniqueFd file(::memfd_create("daicho", MFD_CLOEXEC));
  if (file.get() < 0) return FailErrno("cannot make a file in memory");
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0) return FailErrno("cannot write a file in memory");
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return FailErrno("cannot rewind a file in memory");
  return file;
}

Result<std::string> ReadMemoryFile(const UniqueFd& file, std::size_t max_bytes) {
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return FailErrno("cannot measure a file in memory");
  if (static_cast<std::size_t>(info.st_size) > max_bytes) {
    return Fail(Code::kResourceExhausted, "a child's answer is larger than " + std::to_string(max_bytes) + " bytes");
  }
  std::string content(static_cast<std::size_t>(info.st_size), '\0');
  const ssize_t size = ::pread(file.get(), content.data(), content.size(), 0);
  if (size != info.st_size) return FailErrno("cannot read a file in memory");
  return content;
}

}  // namespace daicho::agent
