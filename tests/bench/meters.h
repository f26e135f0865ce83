// What a phase costs: CPU and memory of processes (proc(5)), bytes of a ledger. Functions without state.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "common/error.h"

namespace daicho::meters {

// User and system time of this process, seconds (getrusage(2)).
double OwnCpuSeconds();

struct ProcessUse {
  double cpu_seconds = 0;          // utime + stime of /proc/PID/stat
  std::uint64_t rss_kib = 0;       // VmRSS
  std::uint64_t peak_rss_kib = 0;  // VmHWM: since the process began
};
// kNotFound: no such process, or not to be read.
Result<ProcessUse> UseOf(pid_t pid);

// Whether a ledger is named by the URL of a PostgreSQL server, and not by its path.
bool IsPostgres(const std::string& store);

// Bytes that a ledger takes on the disk. SQLite: the file, its write-ahead log and that one's index. PostgreSQL: its
// tables with their indexes and long values (pg_total_relation_size), without the server's own catalogues and log.
// Throws std::runtime_error if the server does not answer.
std::uint64_t StoreBytes(const std::string& store);

// The first process of a PostgreSQL server on this machine. Throws std::runtime_error.
pid_t PostmasterOf(const std::string& url);
// User and system time of all processes of a server, ended ones included, seconds. kNotFound: as UseOf.
Result<double> ServerCpuSeconds(pid_t postmaster);

// Raises the limit of open files to what is allowed; what it is then.
std::uint64_t RaiseOpenFiles();

}  // namespace daicho::meters
