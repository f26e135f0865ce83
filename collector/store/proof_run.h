// One proof of a ledger under way: its connection, whom it tells how far it is, and how it says what is wrong. The
// parts of the proof share one. Threads: as the connection.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "collector/store/connection.h"
#include "collector/store/store.h"

namespace daicho::collector {

class ProofRun {
 public:
  // Rows of one transaction: some milliseconds of work, and what an engine across a wire gives in one answer.
  static constexpr std::int64_t kPage = 500;

  // Both must outlive this; the connection is in no transaction.
  ProofRun(Connection& connection, const VerifyProgress& progress) : connection_(connection), progress_(progress) {}

  Connection& connection() const { return connection_; }

  // Runs `work`, which gives a Status, in a transaction of one moment.
  template <typename Work>
  Status AtOneMoment(const Work& work) {
    if (const Status begun = connection_.BeginRead(); !begun) return begun;
    const Status done = work();
    connection_.Rollback();
    return done;
  }

  // kDataLoss, with the place that is broken.
  std::unexpected<Error> Broken(const std::string& place, const std::string& what) const;
  // The engine's error, if there is one, with the place at which it came.
  Status Engine(const std::string& place) const;

  // So many more steps are to come.
  void Expect(std::uint64_t steps) { of_ += steps; }
  // One of them is done. kAborted: whoever waits does not any more.
  Status Step();

 private:
  Connection& connection_;
  const VerifyProgress& progress_;
  std::uint64_t done_ = 0;
  std::uint64_t of_ = 0;
  std::chrono::steady_clock::time_point looked_at_ = std::chrono::steady_clock::now();
};

}  // namespace daicho::collector
