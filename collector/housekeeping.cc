#include "collector/housekeeping.h"

#include <malloc.h>
#include <spdlog/spdlog.h>

#include <asio/post.hpp>
#include <chrono>
#include <utility>

#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::chrono::seconds kTick(5);
constexpr UnixTime kSweepAfterChange = 60;
constexpr UnixTime kReadMetricsEvery = 60;
constexpr UnixTime kHour = 3600;
// As much as some hundred connections need, which nobody misses.
constexpr std::size_t kUnusedBytes = 32u << 20;

void LogFailure(const char* what, const Status& done) {
  if (!done) spdlog::error("{}: {}", what, done.error().message);
}

}  // namespace

Housekeeping::Housekeeping(asio::io_context& io, Parts parts)
    : parts_(std::move(parts)), timer_(io), hourly_at_(parts_.clock.Now()), io_(io) {
  asio::post(io_, [this] { Tick(); });
}

Housekeeping::~Housekeeping() {
  stopping_ = true;
  worker_.join();
}

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

Housekeeping::Work Housekeeping::FindWork(UnixTime now) {
  const bool leads = parts_.leadership == nullptr || parts_.leadership->leads();
  const auto next = parts_.exports.NextRun();
  const bool exports_due = next && *next <= now;
  const UnixTime metrics_age = now - metrics_at_;
  const Work work{.sweep = leads && SweepIsDue(),
                  .exports = leads && exports_due,
                  .exports_of_others = !leads && exports_due,
                  .prove = leads && parts_.proof.IsDue(),
                  .forget = leads && parts_.retention.IsDue(),
                  .metrics = parts_.read_metrics && (metrics_age >= kReadMetricsEvery || metrics_age < 0),
                  .try_store = !parts_.health.serving(),
                  .write_kept = parts_.health.serving() && parts_.journal.HasKept()};
  if (work.sweep) {
    swept_ = true;
    swept_changes_ = parts_.store.ChangesSince(0).count;
    swept_at_ = now;
  }
  if (work.metrics) metrics_at_ = now;
  return work;
}

void Housekeeping::Sweep() {
  const Status judged = parts_.findings.Refresh();
  LogFailure("findings", judged);
  parts_.metrics.NoteSweep(judged.has_value(), parts_.clock.Now());
}

void Housekeeping::Do(const Work& work) {
  if (const UnixTime since = parts_.health.failing_since(); work.try_store && since != 0) {
    // Whoever asks before he sends something is told not to: without a try of our own it would stay like that.
    (void)parts_.journal.Write("collector", "store.recovered", "no writes since " + FormatTime(since));
  }
  if (work.write_kept) parts_.journal.WriteKept();
  if (work.sweep) Sweep();
  if (work.exports) LogFailure("exports", parts_.exports.RunDue());
  if (work.exports_of_others) LogFailure("exports", parts_.exports.Reload());
  if (work.prove) LogFailure("proof of the ledger", parts_.proof.Run(stopping_));
  if (work.forget) LogFailure("history", parts_.retention.Run(stopping_));
  if (work.metrics) LogFailure("metrics", parts_.metrics.Refresh(parts_.store, parts_.clock.Now()));
}

// Memory of connections that are gone does not go back by itself. What has gone back counts as unused all the same.
void Housekeeping::GiveMemoryBack() {
  const std::size_t unused = ::mallinfo2().fordblks;
  const bool is_much = unused >= unused_bytes_ + kUnusedBytes;
  if (is_much) ::malloc_trim(0);
  if (is_much || unused < unused_bytes_) unused_bytes_ = unused;
}

void Housekeeping::Tick() {
  Wait();
  GiveMemoryBack();
  if (parts_.leadership) parts_.leadership->Renew();
  const UnixTime now = parts_.clock.Now();
  if (now - hourly_at_ >= kHour || now < hourly_at_) {
    hourly_at_ = now;
    parts_.hourly();
  }
  if (working_) return;
  const Work work = FindWork(now);
  if (!work.any()) return;
  working_ = true;
  asio::post(worker_, [this, work] {
    Do(work);
    asio::post(io_, [this] { working_ = false; });
  });
}

}  // namespace daicho::collector
