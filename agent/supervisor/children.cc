#include "agent/supervisor/children.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace daicho::agent {

namespace {

// What a child writes into its pipe if it cannot become the program.
struct StartFailure {
  int step;
  int error;
};
constexpr const char* kSteps[] = {"cannot set ceilings of", "cannot connect descriptors of", "cannot start",
                                  "cannot take rights from"};

[[noreturn]] void ReportAndExit(int report, int step) {
  const StartFailure failure{step, errno};
  [[maybe_unused]] const ssize_t ignored = ::write(report, &failure, sizeof failure);
  ::_exit(127);
}

struct PreparedChild {
  std::vector<char*> arguments;
  int input;
  int output;
  int report;
  pid_t parent;
  const ChildLimits* limits;
  const Sandbox* sandbox;
  int prepared_sandbox;
};

// Runs in the child between fork and exec: only async-signal-safe calls.
[[noreturn]] void BecomeProgram(const PreparedChild& child) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != child.parent) ::_exit(127);  // it died before the line above
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // Copies above 2 first: a descriptor given may itself be 0 or 1.
  const int input = ::fcntl(child.input, F_DUPFD_CLOEXEC, 3);
  const int output = ::fcntl(child.output, F_DUPFD_CLOEXEC, 3);
  if (input < 0 || output < 0 || ::dup2(input, 0) < 0 || ::dup2(output, 1) < 0) ReportAndExit(child.report, 1);
  ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  if (!ApplyLimits(*child.limits)) ReportAndExit(child.report, 0);
  if (!EnterSandbox(*child.sandbox, child.prepared_sandbox)) ReportAndExit(child.report, 3);
  char locale[] = "LC_ALL=C.UTF-8";
  char path[] = "PATH=/usr/bin:/bin";
  char* environment[] = {locale, path, nullptr};
  ::execve(child.arguments[0], child.arguments.data(), environment);
  ReportAndExit(child.report, 2);
}

// Waits until the child is the program (its end of the pipe closes) or says why not.
Status StartResult(Pipe& report, const std::string& program) {
  report.write.Close();
  StartFailure failure{};
  ssize_t size = 0;
  do {
    size = ::read(report.read.get(), &failure, sizeof failure);
  } while (size < 0 && errno == EINTR);
  if (size != sizeof failure) return {};
  return Fail(
      failure.error == ENOENT ? Code::kNotFound : Code::kInternal,
      std::string(kSteps[failure.step]) + " " + program + ": " + std::generic_category().message(failure.error));
}

// Asio's signal handlers interrupt system calls (no SA_RESTART): a child killed here raises SIGCHLD while it is waited
// for.
void WaitFor(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

struct Children::Running {
  Running(asio::io_context& context, ChildLimits child_limits, OnEnd callback)
      : limits(std::move(child_limits)), on_end(std::move(callback)), deadline(context) {}
  pid_t pid = -1;
  ChildLimits limits;
  OnEnd on_end;
  bool at_deadline = false;
  asio::steady_timer deadline;
};

Children::Children(asio::io_context& context) : context_(context), child_signal_(context, SIGCHLD) { WaitForSignal(); }

Children::~Children() { KillAll(); }

Status Children::Start(const ChildSpec& spec, OnEnd on_end) {
  auto report = NewPipe();
  if (!report) return std::unexpected(report.error());
  const UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  const auto or_null = [&](int fd) { return fd < 0 ? null.get() : fd; };
  const auto sandbox = PrepareSandbox(spec.sandbox);
  if (!sandbox) return std::unexpected(sandbox.error());
  auto child = std::make_shared<Running>(context_, spec.limits, std::move(on_end));
  PreparedChild prepared{{},
                         or_null(spec.standard_input),
                         or_null(spec.standard_output),
                         report->write.get(),
                         ::getpid(),
                         &child->limits,
                         &spec.sandbox,
                         sandbox->get()};
  for (const std::string& argument : spec.command) prepared.arguments.push_back(const_cast<char*>(argument.c_str()));
  prepared.arguments.push_back(nullptr);

  child->pid = ::fork();
  if (child->pid < 0) return Fail(Code::kInternal, "cannot fork: " + std::generic_category().message(errno));
  if (child->pid == 0) BecomeProgram(prepared);
  ::setpgid(child->pid, child->pid);
  if (auto started = StartResult(*report, spec.command.front()); !started) {
    WaitFor(child->pid);
    return started;
  }
  child->deadline.expires_after(std::chrono::seconds(spec.limits.wall_seconds));
  child->deadline.async_wait([weak = std::weak_ptr(child)](const asio::error_code& canceled) {
    const auto running = weak.lock();
    if (canceled || !running) return;
    running->at_deadline = true;
    ::kill(-running->pid, SIGKILL);
  });
  running_.push_back(std::move(child));
  // It may have ended before it was in the list; its signal then found nobody.
  asio::post(context_, [this] { Reap(); });
  return {};
}

void Children::Defer(std::function<void()> action) { asio::post(context_, std::move(action)); }

void Children::WaitForSignal() {
  child_signal_.async_wait([this](const asio::error_code& canceled, int) {
    if (canceled) return;
    WaitForSignal();
    Reap();
  });
}

void Children::Reap() {
  std::vector<std::pair<OnEnd, ChildEnd>> ended;
  std::erase_if(running_, [&](const std::shared_ptr<Running>& child) {
    int status = 0;
    rusage usage{};
    if (::wait4(child->pid, &status, WNOHANG, &usage) != child->pid) return false;
    ::kill(-child->pid, SIGKILL);  // what it may have left behind in its group
    ended.emplace_back(std::move(child->on_end), ChildEndOf(status, usage, child->at_deadline));
    return true;
  });
  for (auto& [on_end, end] : ended) on_end(end);
}

void Children::KillAll() {
  for (const auto& child : running_) ::kill(-child->pid, SIGKILL);
  for (const auto& child : running_) WaitFor(child->pid);
  running_.clear();
}

}  // namespace daicho::agent
