#include "collector/store_health.h"

#include <utility>

#include "common/time_format.h"

namespace daicho::collector {

StoreHealth::Subscription StoreHealth::Subscribe(Listener listener) {
  const std::lock_guard lock(mutex_);
  listener(serving_);
  return listeners_.insert(listeners_.end(), std::move(listener));
}

void StoreHealth::Unsubscribe(Subscription subscription) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(subscription);
}

void StoreHealth::Note(const Status& committed, UnixTime now) {
  const std::lock_guard lock(mutex_);
  why_ = committed ? "" : committed.error().message;
  if (committed.has_value() == serving_) return;
  serving_ = committed.has_value();
  failing_since_ = serving_ ? 0 : now;
  for (const Listener& listener : listeners_) listener(serving_);
}

bool StoreHealth::serving() const {
  const std::lock_guard lock(mutex_);
  return serving_;
}

UnixTime StoreHealth::failing_since() const {
  const std::lock_guard lock(mutex_);
  return failing_since_;
}

std::string StoreHealth::Problem() const {
  const std::lock_guard lock(mutex_);
  if (serving_) return {};
  return "the store takes no writes since " + FormatTime(failing_since_) + ": " + why_;
}

}  // namespace daicho::collector
