// Which of several collectors on one ledger does what is to be done once: sweeps and scheduled exports.
//
// Each asks the store for one lease, again and again (LeaseWrite). Whoever has it leads for kLease from when he asked;
// the others take it when they have seen no renewal for kTakeAfter. Spans of each one's own steady clock are all that
// is measured, so what a wall clock says, or is set to, does nothing, and the difference between the two spans covers a
// clock that runs up to a third faster than another. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "collector/steady_clock.h"
#include "collector/store/group_committer.h"

namespace daicho::collector {

inline constexpr std::chrono::seconds kLease(60);
inline constexpr std::chrono::seconds kTakeAfter(80);
inline constexpr std::chrono::seconds kRenewLease(20);

class Leadership {
 public:
  // Both must outlive this. `self`: different for every process.
  Leadership(GroupCommitter& committer, const SteadyClock& clock, std::string self);

  // To be called every few seconds; asks the store when it is time, and does not wait for the answer.
  void Renew();

  bool leads() const;

  // Lets the next one lead at once. Waits for the store.
  void Resign();

 private:
  struct State;

  GroupCommitter& committer_;
  const SteadyClock& clock_;
  const std::string self_;
  const std::shared_ptr<State> state_;  // shared with answers that are still to come
};

}  // namespace daicho::collector
