// Child processes under ceilings. Each is the leader of its own process group and dies with this process
// (PR_SET_PDEATHSIG); it gets an empty environment, three descriptors and nothing else.
#pragma once

#include <sys/types.h>

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/supervisor/limits.h"
#include "agent/supervisor/sandbox.h"
#include "agent/unique_fd.h"
#include "common/error.h"

namespace daicho::agent {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};
Result<Pipe> NewPipe();

// A nameless file in memory: the other end of a child's stdin or stdout when nobody reads along. No writer can block on
// it.
Result<UniqueFd> NewMemoryFile(std::string_view content = {});
Result<std::string> ReadMemoryFile(const UniqueFd& file, std::size_t max_bytes = 1u << 20);

struct ChildSpec {
  std::vector<std::string> command;  // absolute path of the program, then its arguments
  int standard_input = -1;           // borrowed; -1: /dev/null
  int standard_output = -1;
  ChildLimits limits;
  Sandbox sandbox = {};
};

// The running children. Not thread-safe: one thread runs the io_context and calls everything; the io_context is not run
// after this object is gone.
class Children {
 public:
  using OnEnd = std::function<void(const ChildEnd&)>;

  explicit Children(asio::io_context& context);
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  ~Children();  // kills and reaps

  // `on_end` is called once, from the io_context, unless KillAll comes first. kNotFound: no such program; kInternal:
  // the system refuses (message says at which step).
  Status Start(const ChildSpec& spec, OnEnd on_end);

  // Calls `action` from the io_context, later.
  void Defer(std::function<void()> action);

  // SIGKILL to every child's process group, and reaps them. No on_end is called.
  void KillAll();

 private:
  struct Running;
  void WaitForSignal();
  void Reap();

  asio::io_context& context_;
  asio::signal_set child_signal_;
  std::vector<std::shared_ptr<Running>> running_;
};

}  // namespace daicho::agent
