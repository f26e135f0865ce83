// Which of several collectors on one ledger does what is to be done once: sweeps and scheduled exports.
//
// Each asks the store for one lease, again and again (LeaseWrite). Whoever has it leads for kLeaseSeconds from when he
// asked; the others take it when they have seen no renewal for so long by their own clock, so that clocks which differ
// do no harm. A clock that is set meanwhile ends the leading until the next renewal. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "collector/store/group_committer.h"
#include "common/clock.h"

namespace daicho::collector {

inline constexpr UnixTime kLeaseSeconds = 60;
inline constexpr UnixTime kRenewLeaseSeconds = 20;

class Leadership {
 public:
  // Both must outlive this. `self`: different for every process.
  Leadership(GroupCommitter& committer, const Clock& clock, std::string self);

  // To be called every few seconds; asks the store when it is time, and does not wait for the answer.
  void Renew();

  bool leads() const;

  // Lets the next one lead at once. Waits for the store.
  void Resign();

 private:
  struct State;

  GroupCommitter& committer_;
  const Clock& clock_;
  const std::string self_;
  const std::shared_ptr<State> state_;  // shared with answers that are still to come
};

}  // namespace daicho::collector
