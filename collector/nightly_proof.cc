#include "collector/nightly_proof.h"

#include <spdlog/spdlog.h>

#include "collector/reports/schedule.h"
#include "collector/verdict.h"

namespace daicho::collector {

namespace {

// When few look, before the guide's nightly backup, and before history is forgotten.
const Schedule kNight{.weekday = {}, .hour = 1, .minute = 30};

}  // namespace

UnixTime NightlyProof::LastNight() const { return LastScheduled(kNight, parts_.clock.Now()); }

Status NightlyProof::Run(const std::atomic<bool>& stop) {
  tried_ = LastNight();
  const auto proved = parts_.store.Verify([&](auto, auto) { return !stop; });
  if (stop) return {};
  const bool damaged = !proved && proved.error().code == Code::kDataLoss;
  if (proved || damaged) parts_.metrics.NoteProof(!damaged, parts_.clock.Now());
  if (proved) {
    spdlog::info("ledger proved {}", ToText(*proved));
    return {};
  }
  if (damaged) (void)parts_.journal.Write("collector", "ledger.damaged", proved.error().message);
  return std::unexpected(proved.error());
}

}  // namespace daicho::collector
