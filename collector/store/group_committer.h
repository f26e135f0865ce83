// Gathers writes of many callers into batches for the one writer: while one batch is being flushed to disk, the next
// one fills, and the callers of the one before are told. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "collector/store/store.h"

namespace daicho::collector {

struct CommitLimits {
  std::size_t batch_writes = 256;
  std::size_t batch_bytes = 16u << 20;  // of requests; a batch has at least one write, whatever its size
  std::size_t queue_writes = 20'000;
  std::size_t queue_bytes = 128u << 20;  // until the callers are told
};

// One Store::Commit().
struct CommitOutcome {
  std::size_t writes = 0;
  std::chrono::nanoseconds took{};
  const Status& done;
};
// Called on the committing thread after each commit, before its callers are told; must not block.
using CommitObserver = std::function<void(const CommitOutcome& commit)>;

class GroupCommitter {
 public:
  // Called once for each write: with its result filled in, or with the error of the whole batch (Store::Commit), or
  // with kResourceExhausted: queue full, come again, or with kUnavailable: the collector stops. Must not block nor
  // throw.
  using Done = std::move_only_function<void(Result<StoreWrite>)>;

  // `store` must outlive this.
  explicit GroupCommitter(Store& store, CommitObserver observer = {}, const CommitLimits& limits = {});
  // Finishes what was submitted.
  ~GroupCommitter();
  GroupCommitter(const GroupCommitter&) = delete;
  GroupCommitter& operator=(const GroupCommitter&) = delete;

  // Returns at once; `done` is called when the write is on disk (or failed), from this object's thread, or before this
  // returns, if the write is not taken. `bytes`: what the write holds in memory.
  void SubmitThen(StoreWrite write, std::size_t bytes, Done done);

  // Blocks until then.
  template <typename Write>
  Result<Write> Submit(Write write) {
    std::promise<Result<StoreWrite>> promise;
    auto future = promise.get_future();
    SubmitThen(StoreWrite(std::move(write)), sizeof(StoreWrite),
               [&promise](Result<StoreWrite> done) { promise.set_value(std::move(done)); });
    auto done = future.get();
    if (!done) return std::unexpected(std::move(done.error()));
    return std::get<Write>(std::move(*done));
  }

  // Writes that wait for the next commit.
  std::size_t QueueLength() const;

  // The last commit failed: the next one probably will, and may take its time (a lock).
  bool IsFailing() const { return failing_; }

 private:
  struct Pending {
    StoreWrite write;
    std::size_t bytes = 0;
    Done done;
  };
  // Writes with what they became.
  struct Batch {
    std::size_t bytes = 0;
    std::vector<StoreWrite> writes;
    std::vector<Done> done;
    Status committed;
  };
  // Why a write of that size is not taken now; with mutex_ held.
  std::optional<Error> FindRefusal(std::size_t bytes) const;
  void Commit();
  void Tell();
  Batch TakeBatch();
  Status CommitOne(std::vector<StoreWrite>& writes);

  Store& store_;
  const CommitObserver observer_;
  const CommitLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable wake_teller_;
  std::deque<Pending> queue_;
  std::size_t held_bytes_ = 0;  // of the queue and of what was committed and not told
  std::deque<Batch> finished_;
  bool stopping_ = false;
  bool committed_all_ = false;
  std::atomic<bool> failing_ = false;
  std::thread committing_;
  std::thread telling_;
};

}  // namespace daicho::collector
