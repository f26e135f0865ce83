#include "collector/retention.h"

#include <spdlog/spdlog.h>

#include <map>
#include <string>
#include <utility>

#include "collector/reports/schedule.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr UnixTime kDay = 86'400;

// When few look.
const Schedule kNight{.weekday = {}, .hour = 3, .minute = 30};

Result<std::int64_t> ReadNumber(const Store& store, std::string sql, std::map<std::string, SqlValue> parameters = {}) {
  SelectRequest select;
  select.sql = std::move(sql);
  select.parameters = std::move(parameters);
  std::int64_t number = 0;
  const Status read = store.Select(select, [&](auto, auto values) {
    if (const auto* const value = std::get_if<std::int64_t>(&values.front())) number = *value;
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return number;
}

}  // namespace

UnixTime Retention::FirstMomentKept() const { return LastScheduled(kNight, parts_.clock.Now()) - keep_days_ * kDay; }

bool Retention::IsDue() const { return keep_days_ > 0 && FirstMomentKept() > tried_; }

Status Retention::CheckClock() const {
  const UnixTime yesterday = parts_.clock.Now() - kDay;
  const auto devices = ReadNumber(parts_.store, "SELECT count(*) FROM device");
  if (!devices) return std::unexpected(devices.error());
  if (*devices == 0) return {};  // a new ledger: nothing is lost
  const auto seen =
      ReadNumber(parts_.store, "SELECT count(*) FROM device WHERE last_seen > :yesterday", {{"yesterday", yesterday}});
  if (!seen) return std::unexpected(seen.error());
  if (*seen == 0) return Fail(Code::kFailedPrecondition, "no device was heard of in the last day");
  const auto apart = ReadNumber(
      parts_.store, "SELECT count(*) FROM device WHERE last_seen > :yesterday AND abs(clock_skew_seconds) > :day",
      {{"yesterday", yesterday}, {"day", kDay}});
  if (!apart) return std::unexpected(apart.error());
  if (*apart * 2 <= *seen) return {};
  return Fail(Code::kFailedPrecondition, "the clocks of " + std::to_string(*apart) + " of " + std::to_string(*seen) +
                                             " devices are more than a day away from this machine's: set its clock");
}

Status Retention::Forget(UnixTime keep_since, const std::atomic<bool>& stop) {
  RetentionStep step;
  std::uint64_t rows = 0;
  std::uint64_t sets = 0;
  while (!step.done && !stop) {
    const auto written = parts_.committer.Submit(RetentionWrite{
        .keep_since = keep_since, .after_device = step.after_device, .devices_done = step.devices_done, .result = {}});
    if (!written) return std::unexpected(written.error());
    if (!written->result) return std::unexpected(written->result.error());
    step = *written->result;
    rows += step.rows;
    sets += step.sets;
  }
  if (rows + sets == 0) return {};
  const std::string what = "until " + FormatTime(keep_since) + ": " + std::to_string(rows) + " rows, " +
                           std::to_string(sets) + " sets of software";
  spdlog::info("history forgotten {}", what);
  return parts_.journal.Write("collector", "history.forget", what);
}

Status Retention::Run(const std::atomic<bool>& stop) {
  const UnixTime keep_since = FirstMomentKept();
  tried_ = keep_since;
  const auto kept_since = ReadNumber(parts_.store, "SELECT kept_since FROM history");
  if (!kept_since) return std::unexpected(kept_since.error());
  if (*kept_since >= keep_since) return {};
  if (auto trusted = CheckClock(); !trusted) {
    return Fail(trusted.error().code, "nothing was forgotten tonight: " + trusted.error().message);
  }
  return Forget(keep_since, stop);
}

}  // namespace daicho::collector
