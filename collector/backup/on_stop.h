// What must not be left behind by a command that somebody stops: SIGINT, SIGTERM and SIGHUP do their work before they
// end the process. (One that is ignored, as under nohup(1), stays so.) Thread-safe; one object at a time in a process.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

namespace daicho::collector {

class OnStop {
 public:
  // `clean_up` is called on a thread of this object, whatever the process does meanwhile; then it ends by the signal.
  explicit OnStop(std::function<void()> clean_up);
  // From then on signals do what they did by default.
  ~OnStop();
  OnStop(const OnStop&) = delete;
  OnStop& operator=(const OnStop&) = delete;

  // Until the lock goes, a signal waits.
  std::unique_lock<std::mutex> Hold();

 private:
  struct Watch;
  const std::unique_ptr<Watch> watch_;
};

}  // namespace daicho::collector
