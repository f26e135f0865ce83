// Ends a call whose caller does not take what is written to it, so that what the call holds (a connection to the store
// and its transaction) is given back. gRPC's own Write() waits for as long as the caller's connection stands.
#pragma once

#include <grpcpp/server_context.h>

#include <atomic>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace daicho::collector {

// Threads: Run() from one at a time.
class ReaderWatch {
 public:
  // `context` must outlive this. A write that waits for longer than `patience` is ended, by a quarter of it late at
  // most.
  ReaderWatch(grpc::ServerContext& context, std::chrono::milliseconds patience);

  // What `write` answers; the call is cancelled, and `write` returns, if it takes too long.
  bool Run(const std::predicate auto& write) {
    writing_since_ = Clock::now();
    const bool written = write();
    writing_since_ = Clock::time_point();
    return written;
  }

  bool has_cancelled() const { return has_cancelled_; }

 private:
  using Clock = std::chrono::steady_clock;
  void Watch(const std::stop_token& stop);

  grpc::ServerContext& context_;
  const std::chrono::milliseconds patience_;
  std::atomic<Clock::time_point> writing_since_ = Clock::time_point();  // the epoch: nothing is being written
  std::atomic<bool> has_cancelled_ = false;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // last: it uses all the others
};

}  // namespace daicho::collector
