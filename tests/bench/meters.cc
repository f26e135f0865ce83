#include "tests/bench/meters.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <vector>

#include "common/files.h"
#include "common/text.h"
#include "tests/postgres/sql.h"

namespace daicho::meters {

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

struct Stat {
  pid_t parent = 0;
  double own_seconds = 0;    // utime + stime
  double ended_seconds = 0;  // cutime + cstime: of children that ended and were waited for
};

// /proc/PID/stat: the name, in parentheses, may have blanks; behind it come field 3 and so on.
Result<Stat> StatOf(pid_t pid) {
  const std::string file = "/proc/" + std::to_string(pid) + "/stat";
  const auto stat = ReadFile(file);
  if (!stat) return Fail(Code::kNotFound, "no process " + std::to_string(pid));
  const std::vector<std::string_view> fields = Split(std::string_view(*stat).substr(stat->rfind(')') + 2), ' ');
  if (fields.size() < 15) return Fail(Code::kDataLoss, file + " has no times");
  const auto number = [&](std::size_t field) { return ParseInt64(fields[field - 3]).value_or(0); };
  const auto seconds = [](std::int64_t ticks) {
    return static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  };
  return Stat{.parent = static_cast<pid_t>(number(4)),
              .own_seconds = seconds(number(14) + number(15)),
              .ended_seconds = seconds(number(16) + number(17))};
}

std::uint64_t FileBytes(const std::string& path) {
  struct stat info{};
  // Blocks and not the length: what is reserved ahead counts, holes do not.
  return ::stat(path.c_str(), &info) == 0 ? static_cast<std::uint64_t>(info.st_blocks) * 512 : 0;
}

}  // namespace

double OwnCpuSeconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  return Seconds(use.ru_utime) + Seconds(use.ru_stime);
}

Result<ProcessUse> UseOf(pid_t pid) {
  const auto stat = StatOf(pid);
  if (!stat) return std::unexpected(stat.error());
  const auto status = ReadFile("/proc/" + std::to_string(pid) + "/status");
  if (!status) return Fail(Code::kNotFound, "no process " + std::to_string(pid));
  return ProcessUse{.cpu_seconds = stat->own_seconds,
                    .rss_kib = StatusKib(*status, "VmRSS:"),
                    .peak_rss_kib = StatusKib(*status, "VmHWM:")};
}

bool IsPostgres(const std::string& store) {
  return store.starts_with("postgresql://") || store.starts_with("postgres://");
}

std::uint64_t StoreBytes(const std::string& store) {
  if (!IsPostgres(store)) return FileBytes(store) + FileBytes(store + "-wal") + FileBytes(store + "-shm");
  const std::string bytes = testing_postgres::RunSql(
      store,
      "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'daicho'::regnamespace AND relkind = "
      "'r'");
  return static_cast<std::uint64_t>(ParseInt64(bytes).value_or(0));
}

pid_t PostmasterOf(const std::string& url) {
  const std::string checkpointer =
      testing_postgres::RunSql(url, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
  const auto stat = StatOf(static_cast<pid_t>(ParseInt64(checkpointer).value_or(0)));
  if (!stat) throw std::runtime_error("the PostgreSQL server does not run on this machine: " + stat.error().message);
  return stat->parent;
}

Result<double> ServerCpuSeconds(pid_t postmaster) {
  const auto stat = StatOf(postmaster);
  if (!stat) return std::unexpected(stat.error());
  const std::string pid = std::to_string(postmaster);
  const auto children = ReadFile("/proc/" + pid + "/task/" + pid + "/children");
  if (!children) return std::unexpected(children.error());
  double seconds = stat->own_seconds + stat->ended_seconds;
  for (const std::string_view child : Split(*children, ' ')) {
    const auto number = ParseInt64(child);
    const auto of_child = number ? StatOf(static_cast<pid_t>(*number)) : Result<Stat>(Stat{});
    if (of_child) seconds += of_child->own_seconds;  // one that ended meanwhile is missed by as little as that
  }
  return seconds;
}

std::uint64_t RaiseOpenFiles() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace daicho::meters
