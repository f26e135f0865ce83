// What a phase costs: CPU and memory of processes (proc(5)), bytes of a store. Functions without state.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "common/error.h"

namespace daicho::fleet {

// User and system time of this process, seconds (getrusage(2)).
double OwnCpuSeconds();

struct ProcessUse {
  double cpu_seconds = 0;          // utime + stime of /proc/PID/stat
  std::uint64_t rss_kib = 0;       // VmRSS
  std::uint64_t peak_rss_kib = 0;  // VmHWM: since the process began
};
// kNotFound: no such process, or not to be read.
Result<ProcessUse> UseOf(pid_t pid);

// Bytes that a SQLite ledger takes on the disk: the file, its write-ahead log and its index.
std::uint64_t StoreBytes(const std::string& path);

// Raises the limit of open files to what is allowed; what it is then.
std::uint64_t RaiseOpenFiles();

}  // namespace daicho::fleet
