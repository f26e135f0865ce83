#include "collector/housekeeping.h"

#include <malloc.h>
#include <spdlog/spdlog.h>

#include <asio/post.hpp>
#include <chrono>
#include <utility>

namespace daicho::collector {

namespace {

constexpr std::chrono::seconds kTick(5);
constexpr UnixTime kSweepAfterChange = 60;
constexpr UnixTime kHour = 3600;

void LogFailure(const char* what, const Status& done) {
  if (!done) spdlog::error("{}: {}", what, done.error().message);
}

}  // namespace

Housekeeping::Housekeeping(asio::io_context& io, Parts parts)
    : parts_(std::move(parts)), timer_(io), hourly_at_(parts_.clock.Now()), io_(io) {
  asio::post(io_, [this] { Tick(); });
}

Housekeeping::~Housekeeping() { worker_.join(); }

void Housekeeping::Wait() {
  timer_.expires_after(kTick);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error) Tick();
  });
}

bool Housekeeping::SweepIsDue() const {
  const UnixTime age = parts_.clock.Now() - swept_at_;
  // A clock that was set back must not put the sweep off.
  if (!swept_ || age >= kHour || age < 0) return true;
  return age >= kSweepAfterChange && parts_.store.ChangesSince(0).count != swept_changes_;
}

void Housekeeping::Tick() {
  Wait();
  const UnixTime now = parts_.clock.Now();
  if (now - hourly_at_ >= kHour || now < hourly_at_) {
    hourly_at_ = now;
    ::malloc_trim(0);  // memory of connections that are gone does not go back by itself
    parts_.hourly();
  }
  if (working_) return;
  const bool sweep = SweepIsDue();
  const auto next = parts_.exports.NextRun();
  const bool write_exports = next && *next <= now;
  if (!sweep && !write_exports) return;
  working_ = true;
  if (sweep) {
    swept_ = true;
    swept_changes_ = parts_.store.ChangesSince(0).count;
    swept_at_ = now;
  }
  asio::post(worker_, [this, sweep, write_exports] {
    if (sweep) LogFailure("findings", parts_.findings.Refresh());
    if (write_exports) LogFailure("exports", parts_.exports.RunDue());
    asio::post(io_, [this] { working_ = false; });
  });
}

}  // namespace daicho::collector
