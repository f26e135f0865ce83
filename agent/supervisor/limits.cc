#include "agent/supervisor/limits.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <new>

namespace daicho::agent {

namespace {

// Sanitizers reserve terabytes of address space for their shadow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitMemory = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool kLimitMemory = false;
#else
constexpr bool kLimitMemory = true;
#endif
#else
constexpr bool kLimitMemory = true;
#endif

bool Set(__rlimit_resource resource, std::uint64_t soft, std::uint64_t hard) {
  rlimit now{};
  if (::getrlimit(resource, &now) != 0) return false;
  // A hard ceiling set from outside (service manager) may be lower; an unprivileged process cannot raise it.
  const rlimit wanted{soft < now.rlim_max ? soft : now.rlim_max, hard < now.rlim_max ? hard : now.rlim_max};
  return ::setrlimit(resource, &wanted) == 0;
}

}  // namespace

ChildLimits CollectionLimits() { return {.name = "collection"}; }

// gRPC's threads reserve stacks and heaps that they never touch, hence the larger address space.
ChildLimits UplinkLimits() { return {.name = "uplink", .memory_bytes = std::uint64_t{1} << 30, .wall_seconds = 180}; }

bool ApplyLimits(const ChildLimits& limits) {
  // One second between the soft ceiling (SIGXCPU) and the hard one (SIGKILL).
  return Set(RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1) && Set(RLIMIT_CORE, 0, 0) &&
         Set(RLIMIT_NOFILE, limits.open_files, limits.open_files) &&
         (!kLimitMemory || Set(RLIMIT_AS, limits.memory_bytes, limits.memory_bytes)) &&
         (::getpriority(PRIO_PROCESS, 0) >= limits.nice || ::setpriority(PRIO_PROCESS, 0, limits.nice) == 0);
}

void ExitAtMemoryCeiling() {
  std::set_new_handler([] { ::_exit(kMemoryCeilingExitCode); });
}

ChildEnd ChildEndOf(int wait_status, const rusage& usage, bool at_deadline) {
  const auto microseconds = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(time.tv_usec);
  };
  ChildEnd end;
  end.exit_code = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
  end.signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
  end.at_deadline = at_deadline;
  end.cpu_microseconds = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
  end.peak_rss_kib = static_cast<std::uint32_t>(usage.ru_maxrss);
  return end;
}

std::string OverrunOf(const ChildLimits& limits, const ChildEnd& end) {
  const auto killed = [&](std::uint64_t value, const char* what) {
    return limits.name + " killed: " + std::to_string(value) + what;
  };
  if (end.signal == SIGXCPU || (end.signal == SIGKILL && end.cpu_microseconds >= limits.cpu_seconds * 1'000'000ull)) {
    return killed(limits.cpu_seconds, " s CPU ceiling");
  }
  if (end.signal == SIGKILL && end.at_deadline) return killed(limits.wall_seconds, " s time ceiling");
  if (end.exit_code == kMemoryCeilingExitCode) return killed(limits.memory_bytes >> 20, " MiB memory ceiling");
  return {};
}

}  // namespace daicho::agent
