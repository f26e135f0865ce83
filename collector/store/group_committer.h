// Gathers writes of many threads into batches for the one writer: while one batch is being flushed to disk, the next
// one fills. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "collector/store/store.h"

namespace daicho::collector {

class GroupCommitter {
 public:
  // `store` must outlive this. `max_batch` bounds a transaction, `max_queue` the memory: beyond it Submit() fails.
  explicit GroupCommitter(Store& store, std::size_t max_batch = 256, std::size_t max_queue = 4096);
  // Finishes what was submitted.
  ~GroupCommitter();
  GroupCommitter(const GroupCommitter&) = delete;
  GroupCommitter& operator=(const GroupCommitter&) = delete;

  // Blocks until the write is on disk (or failed) and returns it with its result filled in. An error is that of the
  // whole batch (Store::Commit), or kResourceExhausted: queue full, come again.
  Result<StoreWrite> SubmitAny(StoreWrite write);

  template <typename Write>
  Result<Write> Submit(Write write) {
    auto done = SubmitAny(StoreWrite(std::move(write)));
    if (!done) return std::unexpected(done.error());
    return std::get<Write>(std::move(*done));
  }

 private:
  struct Pending {
    StoreWrite write;
    std::promise<Result<StoreWrite>> promise;
  };
  void Run();
  void CommitBatch(std::deque<Pending> batch);

  Store& store_;
  const std::size_t max_batch_;
  const std::size_t max_queue_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Pending> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace daicho::collector
