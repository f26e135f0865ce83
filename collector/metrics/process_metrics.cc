#include "collector/metrics/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <iterator>
#include <optional>

#include "common/files.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

std::optional<std::uint64_t> ResidentBytes() {
  const auto text = ReadFile("/proc/self/statm", 4096);
  if (!text) return std::nullopt;
  const auto fields = Split(*text, ' ');  // size, resident, …, in pages
  const auto pages = fields.size() > 1 ? ParseInt64(fields[1]) : std::nullopt;
  if (!pages) return std::nullopt;
  return static_cast<std::uint64_t>(*pages) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::optional<std::uint64_t> OpenDescriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return std::nullopt;
  const auto count = std::distance(begin(files), end(files));
  return count > 0 ? static_cast<std::uint64_t>(count - 1) : 0;  // one is the reading itself
}

void WriteGauge(std::string_view name, std::string_view help, std::optional<std::uint64_t> value, Exposition& out) {
  if (!value) return;
  out.Family(name, help, MetricType::kGauge);
  out.Sample({}, *value);
}

}  // namespace

void WriteProcessMetrics(std::string_view version, UnixTime started_at, Exposition& out) {
  timespec cpu{};
  if (::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu) == 0) {
    out.Family("process_cpu_seconds_total", "User and system time.", MetricType::kCounter);
    out.Sample({}, static_cast<double>(cpu.tv_sec) + static_cast<double>(cpu.tv_nsec) / 1e9);
  }
  WriteGauge("process_resident_memory_bytes", "Resident memory.", ResidentBytes(), out);
  WriteGauge("process_open_fds", "Open file descriptors.", OpenDescriptors(), out);
  rlimit descriptors{};
  if (::getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
    WriteGauge("process_max_fds", "Most file descriptors that may be open.", descriptors.rlim_cur, out);
  }
  WriteGauge("process_start_time_seconds", "When the process started.", static_cast<std::uint64_t>(started_at), out);
  out.Family("daicho_build_info", "The version that runs.", MetricType::kGauge);
  out.Sample({{"version", version}}, std::uint64_t{1});
}

}  // namespace daicho::collector
