// One collector a state folder: two would write one ledger and one journal.
#pragma once

#include <string>

#include "common/error.h"

namespace daicho::collector {

// Holds STATE/collector.lock (flock(2)) as long as it lives; the kernel lets go of it if the process dies.
class StateLock {
 public:
  // kFailedPrecondition: another process holds it; the message has its process id.
  static Result<StateLock> Take(const std::string& state);
  StateLock(StateLock&& other) noexcept;
  StateLock& operator=(StateLock&&) = delete;
  ~StateLock();

 private:
  explicit StateLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace daicho::collector
