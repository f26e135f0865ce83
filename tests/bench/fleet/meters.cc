#include "tests/bench/fleet/meters.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "common/files.h"
#include "common/text.h"

namespace daicho::fleet {

namespace {

double Seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// "VmHWM:	   12345 kB"
std::uint64_t StatusKib(std::string_view status, std::string_view field) {
  for (std::string_view line; NextLine(status, line);) {
    if (!line.starts_with(field)) continue;
    line.remove_prefix(field.size());
    line = Trim(line);
    return ParseUint32(line.substr(0, line.find(' '))).value_or(0);
  }
  return 0;
}

}  // namespace

double OwnCpuSeconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return Seconds(use.ru_utime) + Seconds(use.ru_stime);
}

Result<ProcessUse> UseOf(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto stat = ReadFile(folder + "/stat");
  const auto status = ReadFile(folder + "/status");
  if (!stat || !status) return Fail(Code::kNotFound, "no process " + std::to_string(pid));
  // The name, in parentheses, may have blanks; state follows as field 3, utime and stime are 14 and 15.
  const std::vector<std::string_view> fields = Split(std::string_view(*stat).substr(stat->rfind(')') + 2), ' ');
  if (fields.size() < 13) return Fail(Code::kDataLoss, folder + "/stat has no times");
  const double ticks = static_cast<double>(ParseInt64(fields[11]).value_or(0) + ParseInt64(fields[12]).value_or(0));
  return ProcessUse{.cpu_seconds = ticks / static_cast<double>(::sysconf(_SC_CLK_TCK)),
                    .rss_kib = StatusKib(*status, "VmRSS:"),
                    .peak_rss_kib = StatusKib(*status, "VmHWM:")};
}

std::uint64_t StoreBytes(const std::string& path) {
  std::uint64_t bytes = 0;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat info{};
    // Blocks and not the length: what is reserved ahead counts, holes do not.
    if (::stat((path + suffix).c_str(), &info) == 0) bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
  }
  return bytes;
}

std::uint64_t RaiseOpenFiles() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace daicho::fleet
