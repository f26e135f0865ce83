// Each night the ledger forgets what ended longer ago than the site keeps its history.
//
// A clock that runs ahead must not cost a hospital its history: nothing is forgotten unless devices were heard in the
// last day, and most of them have the same day as this machine.
// Threads: one at a time.
#pragma once

#include <atomic>
#include <cstdint>

#include "collector/enrol/journal.h"
#include "collector/store/group_committer.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

class Retention {
 public:
  struct Parts {
    const Store& store;
    GroupCommitter& committer;
    Journal& journal;
    const Clock& clock;
  };

  // `keep_days`: 0 keeps everything. What `parts` names must outlive this.
  Retention(const Parts& parts, int keep_days) : parts_(parts), keep_days_(keep_days) {}

  // Whether Run() has something to do, as far as is known without reading.
  bool IsDue() const;

  // One try for each night, whatever becomes of it. Returns between two steps once `stop` is true; what is left is done
  // the night after. kFailedPrecondition: the clock is not to be trusted; the store's errors.
  Status Run(const std::atomic<bool>& stop);

 private:
  UnixTime FirstMomentKept() const;
  Status CheckClock() const;
  Status Forget(UnixTime keep_since, const std::atomic<bool>& stop);

  const Parts parts_;
  const int keep_days_;
  UnixTime tried_ = 0;  // FirstMomentKept() of the last try
};

}  // namespace daicho::collector
