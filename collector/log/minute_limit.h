// So many a minute; what goes beyond is only counted, and the count is told later. For whatever somebody outside can
// cause as often as he likes (an entry of the journal, a line of the log): nobody fills the disk with it. Not
// thread-safe.
#pragma once

#include <cstdint>
#include <utility>

#include "common/clock.h"

namespace daicho::collector {

class MinuteLimit {
 public:
  explicit MinuteLimit(int per_minute) : per_minute_(per_minute) {}

  // How many of former minutes were only counted. Each is given once; ask before Admit().
  std::uint64_t TakeUntold(UnixTime now) {
    Turn(now);
    return std::exchange(due_, 0);
  }

  // Counts one; false: it is over this minute's limit.
  bool Admit(UnixTime now) {
    Turn(now);
    if (++in_minute_ <= per_minute_) return true;
    ++untold_;
    return false;
  }

 private:
  void Turn(UnixTime now) {
    // A clock that was set back begins a minute, too.
    if (now / 60 == minute_) return;
    minute_ = now / 60;
    in_minute_ = 0;
    due_ += std::exchange(untold_, 0);
  }

  const int per_minute_;
  UnixTime minute_ = 0;
  int in_minute_ = 0;
  std::uint64_t untold_ = 0;  // of this minute
  std::uint64_t due_ = 0;     // of former ones
};

}  // namespace daicho::collector
