#include "collector/store/group_committer.h"

namespace daicho::collector {

GroupCommitter::GroupCommitter(Store& store, CommitObserver observer, const CommitLimits& limits)
    : store_(store),
      observer_(std::move(observer)),
      limits_(limits),
      committing_([this] { Commit(); }),
      telling_([this] { Tell(); }) {}

GroupCommitter::~GroupCommitter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  committing_.join();
  telling_.join();
}

std::optional<Error> GroupCommitter::FindRefusal(std::size_t bytes) const {
  if (stopping_) return Error{Code::kUnavailable, "the collector is stopping; come again"};
  const bool full =
      queue_.size() >= limits_.queue_writes || (held_bytes_ > 0 && held_bytes_ + bytes > limits_.queue_bytes);
  if (full) return Error{Code::kResourceExhausted, "the collector is busy; come again later"};
  return std::nullopt;
}

void GroupCommitter::SubmitThen(StoreWrite write, std::size_t bytes, Done done) {
  std::optional<Error> refused;
  {
    const std::lock_guard lock(mutex_);
    refused = FindRefusal(bytes);
    if (!refused) {
      held_bytes_ += bytes;
      queue_.push_back({std::move(write), bytes, std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done(std::unexpected(std::move(*refused)));
}

GroupCommitter::Batch GroupCommitter::TakeBatch() {
  Batch batch;
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  while (!queue_.empty() && batch.writes.size() < limits_.batch_writes) {
    Pending& next = queue_.front();
    if (!batch.writes.empty() && batch.bytes + next.bytes > limits_.batch_bytes) break;
    batch.bytes += next.bytes;
    batch.writes.push_back(std::move(next.write));
    batch.done.push_back(std::move(next.done));
    queue_.pop_front();
  }
  return batch;
}

Status GroupCommitter::CommitOne(std::vector<StoreWrite>& writes) {
  const auto begun = std::chrono::steady_clock::now();
  Status committed = store_.Commit(writes);
  failing_ = !committed;
  if (observer_) {
    const auto took = std::chrono::steady_clock::now() - begun;
    observer_({.writes = writes.size(), .took = took, .done = committed});
  }
  return committed;
}

std::size_t GroupCommitter::QueueLength() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void GroupCommitter::Commit() {
  for (;;) {
    Batch batch = TakeBatch();
    const bool last = batch.writes.empty();
    if (!last) batch.committed = CommitOne(batch.writes);
    {
      const std::lock_guard lock(mutex_);
      if (last) committed_all_ = true;
      if (!last) finished_.push_back(std::move(batch));
    }
    wake_teller_.notify_one();
    if (last) return;
  }
}

void GroupCommitter::Tell() {
  for (;;) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      wake_teller_.wait(lock, [this] { return committed_all_ || !finished_.empty(); });
      if (finished_.empty()) return;
      batch = std::move(finished_.front());
      finished_.pop_front();
    }
    for (std::size_t i = 0; i < batch.done.size(); ++i) {
      if (batch.committed) {
        batch.done[i](std::move(batch.writes[i]));
      } else {
        batch.done[i](std::unexpected(batch.committed.error()));
      }
    }
    const std::lock_guard lock(mutex_);
    held_bytes_ -= batch.bytes;
  }
}

}  // namespace daicho::collector
