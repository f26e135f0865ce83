#include "collector/store/group_committer.h"

#include <algorithm>
#include <iterator>

namespace daicho::collector {

GroupCommitter::GroupCommitter(Store& store, std::size_t max_batch, std::size_t max_queue)
    : store_(store), max_batch_(max_batch), max_queue_(max_queue), thread_([this] { Run(); }) {}

GroupCommitter::~GroupCommitter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Result<StoreWrite> GroupCommitter::SubmitAny(StoreWrite write) {
  std::future<Result<StoreWrite>> done;
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Fail(Code::kUnavailable, "the collector is stopping; come again");
    if (queue_.size() >= max_queue_) return Fail(Code::kResourceExhausted, "the collector is busy; come again later");
    queue_.push_back({std::move(write), {}});
    done = queue_.back().promise.get_future();
  }
  wake_.notify_one();
  return done.get();
}

void GroupCommitter::Run() {
  for (;;) {
    std::deque<Pending> batch;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      const auto size = static_cast<std::ptrdiff_t>(std::min(queue_.size(), max_batch_));
      std::move(queue_.begin(), queue_.begin() + size, std::back_inserter(batch));
      queue_.erase(queue_.begin(), queue_.begin() + size);
    }
    CommitBatch(std::move(batch));
  }
}

void GroupCommitter::CommitBatch(std::deque<Pending> batch) {
  std::vector<StoreWrite> writes;
  writes.reserve(batch.size());
  for (Pending& pending : batch) writes.push_back(std::move(pending.write));
  const Status committed = store_.Commit(writes);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (committed) {
      batch[i].promise.set_value(std::move(writes[i]));
    } else {
      batch[i].promise.set_value(std::unexpected(committed.error()));
    }
  }
}

}  // namespace daicho::collector
