#include "collector/store/proof_run.h"

namespace daicho::collector {

namespace {

// Looks at the progress: whoever waits sees it move, and whoever left is noticed.
constexpr std::uint64_t kStepsPerLook = 256;
constexpr std::chrono::milliseconds kLookAfter(200);

}  // namespace

std::unexpected<Error> ProofRun::Broken(const std::string& place, const std::string& what) const {
  return Fail(Code::kDataLoss, connection_.name() + ": " + place + ": " + what);
}

Status ProofRun::Engine(const std::string& place) const {
  if (connection_.ok()) return {};
  const Error error = connection_.status().error();
  return Fail(error.code, place + ": " + error.message);
}

Status ProofRun::Step() {
  ++done_;
  const auto now = std::chrono::steady_clock::now();
  if (done_ % kStepsPerLook != 0 && now - looked_at_ < kLookAfter) return {};
  looked_at_ = now;
  // What came since the work was counted is work too.
  if (!progress_(done_, std::max(done_, of_))) return Fail(Code::kAborted, "stopped");
  return {};
}

}  // namespace daicho::collector
