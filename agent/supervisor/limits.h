// Ceilings of the agent's child processes: the one place that defines them. setrlimit(2), setpriority(2).
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <string>

namespace daicho::agent {

struct ChildLimits {
  std::string name;                         // "collection": for people
  std::uint32_t cpu_seconds = 10;           // RLIMIT_CPU
  std::uint64_t memory_bytes = 512u << 20;  // RLIMIT_AS: address space, not resident memory
  std::uint32_t open_files = 256;           // RLIMIT_NOFILE
  int nice = 10;
  std::uint32_t wall_seconds = 60;  // killed by the parent
};

ChildLimits CollectionLimits();
ChildLimits UplinkLimits();

// Sets the ceilings of the calling process; no core dumps (they would hold secrets). Async-signal-safe: for use between
// fork and exec. False: the system refuses one (errno).
bool ApplyLimits(const ChildLimits& limits);

// Exit code of a child that ran into its memory ceiling.
inline constexpr int kMemoryCeilingExitCode = 86;

// Ends the process with kMemoryCeilingExitCode when an allocation fails. Called first in a child's main.
void ExitAtMemoryCeiling();

// How a child ended, from wait4(2).
struct ChildEnd {
  int exit_code = -1;  // -1: killed by `signal`
  int signal = 0;
  bool at_deadline = false;  // killed by the parent after wall_seconds
  std::uint64_t cpu_microseconds = 0;
  std::uint32_t peak_rss_kib = 0;
};
ChildEnd ChildEndOf(int wait_status, const rusage& usage, bool at_deadline);

// The ceiling that ended the child, as text for the next check-in ("collection killed: 10 s CPU ceiling"). Empty: none
// did.
std::string OverrunOf(const ChildLimits& limits, const ChildEnd& end);

}  // namespace daicho::agent
