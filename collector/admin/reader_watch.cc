#include "collector/admin/reader_watch.h"

namespace daicho::collector {

ReaderWatch::ReaderWatch(grpc::ServerContext& context, std::chrono::milliseconds patience)
    : context_(context), patience_(patience), thread_([this](const std::stop_token& stop) { Watch(stop); }) {}

// Looks from time to time instead of being told: a write takes microseconds as a rule.
void ReaderWatch::Watch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    stopped_.wait_for(lock, stop, patience_ / 4, [] { return false; });
    const Clock::time_point since = writing_since_;
    if (since == Clock::time_point() || Clock::now() - since < patience_) continue;
    has_cancelled_ = true;
    context_.TryCancel();
    return;
  }
}

}  // namespace daicho::collector
