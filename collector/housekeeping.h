// What the collector does by the clock: findings are judged again, exports written, the ledger proved, old history
// forgotten, the server certificate renewed, the numbers of the metrics read; and a store that took no writes is tried
// again, with the journal entry that it does.
//
// Decides on the io_context's thread; the work itself, which may take seconds, is done on a thread of its own, so that
// a signal is answered at once.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <atomic>
#include <cstddef>
#include <functional>

#include "collector/enrol/journal.h"
#include "collector/leadership.h"
#include "collector/metrics/ledger_metrics.h"
#include "collector/nightly_proof.h"
#include "collector/reports/export_scheduler.h"
#include "collector/retention.h"
#include "collector/rules/findings_engine.h"
#include "collector/store/store.h"
#include "collector/store_health.h"
#include "common/clock.h"

namespace daicho::collector {

class Housekeeping {
 public:
  struct Parts {
    const Store& store;
    const Clock& clock;
    FindingsEngine& findings;
    ExportScheduler& exports;
    NightlyProof& proof;
    Retention& retention;
    Journal& journal;
    const StoreHealth& health;
    LedgerMetrics& metrics;
    Leadership* leadership = nullptr;  // absent: there is no other collector on this ledger
    bool read_metrics = false;         // somebody may ask for them
    std::function<void()> hourly;      // called on the io_context's thread
  };

  // Begins with the first run of the io_context. Everything in `parts` must outlive this.
  Housekeeping(asio::io_context& io, Parts parts);
  // Waits for the work in hand, of which proving and forgetting may be left for another night.
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void Wait();
  void Tick();
  bool SweepIsDue() const;
  void GiveMemoryBack();
  // What a tick has to do on the worker's thread.
  struct Work {
    bool sweep = false;
    bool exports = false;
    bool exports_of_others = false;  // due here, and run by the collector that leads
    bool prove = false;
    bool forget = false;
    bool metrics = false;
    bool try_store = false;
    bool write_kept = false;  // of the journal
    bool any() const {
      return sweep || exports || exports_of_others || prove || forget || metrics || try_store || write_kept;
    }
  };
  Work FindWork(UnixTime now);
  void Do(const Work& work);
  void Sweep();

  const Parts parts_;
  asio::steady_timer timer_;
  std::atomic<bool> stopping_ = false;
  bool working_ = false;  // read and written on the io_context's thread only
  bool swept_ = false;
  std::uint64_t swept_changes_ = 0;
  UnixTime swept_at_ = 0;
  UnixTime hourly_at_ = 0;
  UnixTime metrics_at_ = 0;
  std::size_t unused_bytes_ = 0;  // that malloc has given back, or may keep
  asio::io_context& io_;
  asio::thread_pool worker_{1};
};

}  // namespace daicho::collector
