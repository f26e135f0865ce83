// Each night the ledger is proved (Store::Verify): what a disk has lost is found before somebody relies on it, and
// while there is still a backup from before. Threads: one at a time.
#pragma once

#include <atomic>

#include "collector/enrol/journal.h"
#include "collector/metrics/ledger_metrics.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

class NightlyProof {
 public:
  struct Parts {
    const Store& store;
    Journal& journal;
    LedgerMetrics& metrics;
    const Clock& clock;
  };

  // The first night is the next one: a collector that starts has looked at its file. What `parts` names must outlive
  // this.
  explicit NightlyProof(const Parts& parts) : parts_(parts), tried_(LastNight()) {}

  bool IsDue() const { return LastNight() > tried_; }

  // One try for each night, whatever becomes of it. Returns without a verdict once `stop` is true. A ledger that is not
  // what was written is journaled ("ledger.damaged", with the place) and counted (daicho_ledger_proof_ok). kDataLoss:
  // what is damaged; the store's errors.
  Status Run(const std::atomic<bool>& stop);

 private:
  UnixTime LastNight() const;

  const Parts parts_;
  UnixTime tried_ = 0;  // LastNight() of the last try
};

}  // namespace daicho::collector
