// measure RUNS PROGRAM [ARGUMENT]...   runs a command RUNS times and prints one JSON object with the medians of its CPU
// time (user + system, all its descendants), peak memory and wall time. Standard output and input of the command
// are /dev/null.
//
// A program of its own, and linked statically: Linux counts the memory of the process that forked into the child's
// ru_maxrss (getrusage(2)), so whoever measures must be smaller than what is measured.
#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace {

double Milliseconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
}

double Now() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 2 ? std::atoi(argv[1]) : 0;
  if (runs <= 0) {
    std::fputs("usage: measure RUNS PROGRAM [ARGUMENT]...\n", stderr);
    return 2;
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);

  std::vector<double> cpu;
  std::vector<double> wall;
  std::vector<double> peak;
  int exit_code = 0;
  for (int run = 0; run < runs; ++run) {
    const double begin = Now();
    pid_t pid = 0;
    if (const int error = posix_spawnp(&pid, argv[2], &actions, nullptr, argv + 2, environ); error != 0) {
      std::fprintf(stderr, "measure: %s: error %d\n", argv[2], error);
      return 3;
    }
    int status = 0;
    rusage usage{};
    if (wait4(pid, &status, 0, &usage) != pid) return 3;
    wall.push_back(Now() - begin);
    cpu.push_back(Milliseconds(usage.ru_utime) + Milliseconds(usage.ru_stime));
    peak.push_back(static_cast<double>(usage.ru_maxrss));
    exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  posix_spawn_file_actions_destroy(&actions);
  std::printf("{\"runs\":%d,\"cpu_ms\":%.3f,\"cpu_ms_min\":%.3f,\"wall_ms\":%.3f,\"peak_kib\":%.0f,\"exit\":%d}\n",
              runs, Median(cpu), *std::min_element(cpu.begin(), cpu.end()), Median(wall), Median(peak), exit_code);
  return 0;
}
