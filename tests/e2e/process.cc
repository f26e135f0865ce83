#include "tests/e2e/process.h"

#include <fcntl.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>
#include <utility>

namespace daicho::e2e {

namespace {

int ExitCode(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Starts argv with stdout and stderr on the descriptors given, stdin empty, in a group of its own.
pid_t Spawn(std::vector<std::string> argv, const std::vector<std::string>& environment, int out, int err) {
  std::vector<std::string> variables = environment;
  for (char** variable = environ; *variable != nullptr; ++variable) variables.emplace_back(*variable);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  pid_t pid = -1;
  const int error =
      ::posix_spawnp(&pid, argv[0].c_str(), &actions, &attributes, Pointers(argv).data(), Pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(error, 0) << "cannot start " << argv[0];
  return error == 0 ? pid : -1;
}

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    ::close(ends[0]);
    CloseWriter();
  }
  void CloseWriter() {
    if (ends[1] >= 0) ::close(std::exchange(ends[1], -1));
  }
  std::array<int, 2> ends = {-1, -1};
};

}  // namespace

std::vector<google::protobuf::Struct> Outcome::Lines() const {
  std::vector<google::protobuf::Struct> lines;
  std::istringstream text(out);
  for (std::string line; std::getline(text, line);) {
    google::protobuf::Struct object;
    const auto parsed = google::protobuf::util::JsonStringToMessage(line, &object);
    EXPECT_TRUE(parsed.ok()) << "no JSON object: " << line;
    lines.push_back(std::move(object));
  }
  return lines;
}

Outcome Execute(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                std::chrono::seconds limit) {
  Pipe out;
  Pipe err;
  Outcome outcome;
  const pid_t pid = Spawn(argv, environment, out.ends[1], err.ends[1]);
  if (pid < 0) return outcome;
  out.CloseWriter();
  err.CloseWriter();
  std::array<pollfd, 2> polls = {pollfd{out.ends[0], POLLIN, 0}, pollfd{err.ends[0], POLLIN, 0}};
  std::array<std::string*, 2> texts = {&outcome.out, &outcome.err};
  const auto end = std::chrono::steady_clock::now() + limit;
  int open = 2;
  while (open > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    if (left.count() <= 0 || ::poll(polls.data(), polls.size(), static_cast<int>(left.count())) < 0) {
      ::kill(-pid, SIGKILL);
      ADD_FAILURE() << argv[0] << " did not end in time; it said: " << outcome.out << outcome.err;
      break;
    }
    for (std::size_t i = 0; i < polls.size(); ++i) {
      if (polls[i].revents == 0) continue;
      char buffer[65536];
      const ssize_t size = ::read(polls[i].fd, buffer, sizeof buffer);
      if (size > 0) {
        texts[i]->append(buffer, static_cast<std::size_t>(size));
      } else {
        polls[i].fd = -1;
        --open;
      }
    }
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  outcome.exit_code = ExitCode(status);
  return outcome;
}

Background::Background(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                       const std::string& log_file) {
  const int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  EXPECT_GE(log, 0) << log_file;
  pid_ = Spawn(argv, environment, log, log);
  ::close(log);
}

Background::Background(Background&& other) noexcept : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}

Background& Background::operator=(Background&& other) noexcept {
  if (Running()) Stop(SIGKILL);
  pid_ = std::exchange(other.pid_, -1);
  status_ = other.status_;
  return *this;
}

Background::~Background() {
  if (Running()) Stop(SIGKILL);
}

bool Background::Running() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, &status_, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

int Background::Stop(int signal) {
  if (!Running()) return ExitCode(status_);
  ::kill(pid_, signal);
  return Wait();
}

int Background::Wait(std::chrono::seconds limit) {
  const pid_t pid = pid_;
  if (!WaitUntil([this] { return !Running(); }, limit)) {
    ADD_FAILURE() << "process " << pid << " does not end";
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, &status_, 0);
    pid_ = -1;
  }
  return ExitCode(status_);
}

void PauseBriefly() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

}  // namespace daicho::e2e
