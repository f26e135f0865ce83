#include "collector/leadership.h"

#include <spdlog/spdlog.h>

#include <mutex>
#include <optional>
#include <utility>

namespace daicho::collector {

namespace {

using Moment = std::chrono::nanoseconds;

constexpr const char* kName = "housekeeping";

LeaseWrite NewLeaseWrite(const std::string& holder, bool resign = false) {
  LeaseWrite lease;
  lease.name = kName;
  lease.holder = holder;
  lease.resign = resign;
  return lease;
}

}  // namespace

struct Leadership::State {
  std::mutex mutex;
  std::optional<Moment> asked_at;
  std::optional<Moment> leads_since;  // when it asked for the renewal that it has
  std::uint64_t seen_turn = 0;        // of another one
  Moment seen_since{};

  void Note(const LeaseWrite& done, Moment asked, Moment now) {
    const std::lock_guard lock(mutex);
    const bool mine = done.result->holder == done.holder;
    if (mine != leads_since.has_value()) {
      spdlog::info("{}", mine ? "this collector does the sweeps and scheduled exports"
                              : "another collector does the sweeps and scheduled exports");
    }
    leads_since = mine ? std::optional(asked) : std::nullopt;
    if (mine || done.result->turn == seen_turn) return;
    seen_turn = done.result->turn;
    seen_since = now;
  }
};

Leadership::Leadership(GroupCommitter& committer, const SteadyClock& clock, std::string self)
    : committer_(committer), clock_(clock), self_(std::move(self)), state_(std::make_shared<State>()) {}

void Leadership::Renew() {
  const Moment now = clock_.Now();
  LeaseWrite lease = NewLeaseWrite(self_);
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->asked_at && now - *state_->asked_at < kRenewLease) return;
    state_->asked_at = now;
    if (state_->seen_turn != 0 && now - state_->seen_since >= kTakeAfter) lease.take_turn = state_->seen_turn;
  }
  committer_.SubmitThen(std::move(lease), sizeof(StoreWrite),
                        [state = state_, now, &clock = clock_](Result<StoreWrite> done) {
                          if (!done) return;  // the lease runs out by itself
                          const auto& lease_write = std::get<LeaseWrite>(*done);
                          if (lease_write.result) state->Note(lease_write, now, clock.Now());
                        });
}

bool Leadership::leads() const {
  const std::lock_guard lock(state_->mutex);
  return state_->leads_since && clock_.Now() - *state_->leads_since < kLease;
}

void Leadership::Resign() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->leads_since.reset();
  }
  (void)committer_.Submit(NewLeaseWrite(self_, true));
}

}  // namespace daicho::collector
