#include "agent/identity/agent_state.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

namespace daicho::agent {

namespace {

// WriteFileAtomically's temporary names: the file's own name, a dot and six letters or digits.
bool IsLeftover(std::string_view name) {
  constexpr std::size_t kRandom = 6;
  if (name.size() <= kRandom + 1 || name[name.size() - kRandom - 1] != '.') return false;
  const std::string_view target = name.substr(0, name.size() - kRandom - 1);
  return target.ends_with(".rows") || target.ends_with(".toml") || target.ends_with(".pem") || target.ends_with(".bin");
}

}  // namespace

void RemoveLeftovers(const AgentState& state) {
  for (const std::string& folder : {state.Folder(), state.AcknowledgedFolder(), state.IdentityFolder()}) {
    std::error_code ignored;
    for (std::filesystem::directory_iterator it(folder, ignored), end; !ignored && it != end; it.increment(ignored)) {
      if (IsLeftover(it->path().filename().string())) ::unlink(it->path().c_str());
    }
  }
}

Result<StateLock> StateLock::Take(const AgentState& state) {
  const int fd = ::open(state.Lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) {
    const int error = errno;
    const Code code = error == ENOENT ? Code::kNotFound : Code::kPermissionDenied;
    return Fail(code, state.Lock() + ": cannot open: " + std::generic_category().message(error) +
                          "; the state folder must exist (daicho-agent enrol makes it) and be writable");
  }
  StateLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return Fail(Code::kFailedPrecondition,
                state.Lock() + ": another cycle of this agent is running; wait for it to end and try again");
  }
  return lock;
}

StateLock& StateLock::operator=(StateLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

StateLock::~StateLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace daicho::agent
