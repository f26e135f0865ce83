// Runs the real binaries for end-to-end tests.
#pragma once

#include <google/protobuf/struct.pb.h>
#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace daicho::e2e {

struct Outcome {
  int exit_code = -1;  // 128 + signal if killed
  std::string out;
  std::string err;
  // Each line of `out` as a JSON object; a line that is none fails the test.
  std::vector<google::protobuf::Struct> Lines() const;
};

// argv[0] is looked up in PATH unless it has a slash. Ends the process (and its group) after the time limit.
Outcome Execute(const std::vector<std::string>& argv, const std::vector<std::string>& environment = {},
                std::chrono::seconds limit = std::chrono::seconds(60));

// A process in the background, in a process group of its own; its output goes to a log file.
class Background {
 public:
  Background() = default;
  Background(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
             const std::string& log_file);
  Background(Background&& other) noexcept;
  Background& operator=(Background&& other) noexcept;
  ~Background();  // SIGKILL

  pid_t pid() const { return pid_; }
  bool Running();
  // Sends the signal and waits for the end; returns the exit code (128 + signal).
  int Stop(int signal);
  int Wait(std::chrono::seconds limit = std::chrono::seconds(30));

 private:
  pid_t pid_ = -1;
  int status_ = 0;
};

// Waits until `ready` is true, looking again every few milliseconds; false when the limit is over.
template <typename Condition>
bool WaitUntil(Condition ready, std::chrono::seconds limit = std::chrono::seconds(30));

void PauseBriefly();

template <typename Condition>
bool WaitUntil(Condition ready, std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!ready()) {
    if (std::chrono::steady_clock::now() > end) return false;
    PauseBriefly();
  }
  return true;
}

}  // namespace daicho::e2e
