#include "collector/state_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "common/files.h"
#include "common/text.h"

namespace daicho::collector {

Result<StateLock> StateLock::Take(const std::string& state) {
  const std::string path = state + "/collector.lock";
  StateLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.fd_ < 0) {
    return Fail(Code::kPermissionDenied, path + ": cannot open: " + std::generic_category().message(errno));
  }
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    const auto holder = ReadFile(path, 64);
    return Fail(Code::kFailedPrecondition, path + ": another collector runs on this state, process " +
                                               (holder ? CleanText(Trim(*holder)) : std::string("unknown")));
  }
  const std::string pid = std::to_string(::getpid());
  // The id is only for the message above; the lock holds without it.
  if (::ftruncate(lock.fd_, 0) != 0 || ::write(lock.fd_, pid.data(), pid.size()) < 0) return lock;
  return lock;
}

StateLock::StateLock(StateLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

StateLock::~StateLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace daicho::collector
