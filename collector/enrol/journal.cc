#include "collector/enrol/journal.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "common/text.h"

namespace daicho::collector {

Status Journal::Write(const std::string& actor, const std::string& action, const std::string& detail) {
  JournalWrite entry;
  entry.at = clock_.Now();
  entry.actor = CleanText(actor);
  entry.action = action;
  entry.detail = CleanText(detail);
  spdlog::info("{} {} {}", entry.actor, entry.action, entry.detail);
  const auto written = committer_.Submit(std::move(entry));
  Status outcome = written ? written->result : Status(std::unexpected(written.error()));
  if (!outcome) spdlog::error("journal: {}", outcome.error().message);
  return outcome;
}

bool Journal::Admit(int& untold) {
  const std::lock_guard lock(mutex_);
  const UnixTime minute = clock_.Now() / 60;
  if (minute != minute_) {
    minute_ = minute;
    in_minute_ = 0;
    untold = std::exchange(untold_, 0);
  }
  if (++in_minute_ <= kRefusalsPerMinute) return true;
  ++untold_;
  return false;
}

void Journal::WriteRefusal(const std::string& actor, const std::string& action, const std::string& detail) {
  int untold = 0;
  if (!Admit(untold)) return;
  if (untold > 0) (void)Write("collector", "refusals", std::to_string(untold) + " more refusals were only counted");
  (void)Write(actor, action, detail);
}

}  // namespace daicho::collector
