// Whether the store takes writes, as its last commit has shown. Thread-safe.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <string>

#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

class StoreHealth {
 public:
  // Called with what is true now, and again at each change; not at once from two threads. Must not block, nor call
  // this.
  using Listener = std::function<void(bool serving)>;
  using Subscription = std::list<Listener>::iterator;

  Subscription Subscribe(Listener listener);
  // The listener is not called any more once this returns.
  void Unsubscribe(Subscription subscription);

  // What a commit has shown.
  void Note(const Status& committed, UnixTime now);

  // True until a commit has failed.
  bool serving() const;
  // When the commits began to fail; 0: the last one succeeded.
  UnixTime failing_since() const;
  // Why and since when it takes none, for a person; empty: it does.
  std::string Problem() const;

 private:
  mutable std::mutex mutex_;
  std::list<Listener> listeners_;
  UnixTime failing_since_ = 0;
  std::string why_;  // the last failure's words
  bool serving_ = true;
};

}  // namespace daicho::collector
