#include "collector/metrics/ledger_metrics.h"

#include <algorithm>
#include <utility>

namespace daicho::collector {

namespace {

constexpr std::int64_t kLimitMs = 10'000;

Status Read(const Store& store, const char* sql, const std::function<void(std::span<const SqlValue>)>& each) {
  SelectRequest select;
  select.sql = sql;
  select.limit_ms = kLimitMs;
  return store.Select(select, [&](auto, std::span<const SqlValue> values) {
    each(values);
    return true;
  });
}

std::string Text(const SqlValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

std::int64_t Number(const SqlValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? *number : 0;
}

Status ReadCounts(const Store& store, const char* sql, std::map<std::string, std::uint64_t>& counts) {
  return Read(store, sql, [&](std::span<const SqlValue> row) {
    counts[Text(row[0])] = static_cast<std::uint64_t>(Number(row[1]));
  });
}

}  // namespace

Status LedgerMetrics::Refresh(const Store& store, UnixTime now) {
  // Those that none has are stated, too: an alert on "high" must not wait for the first one.
  Numbers read{.read_at = now,
               .devices = {{"enrolled", 0}, {"active", 0}, {"revoked", 0}},
               .findings = {{"info", 0}, {"low", 0}, {"medium", 0}, {"high", 0}},
               .exports = {}};
  auto done = ReadCounts(store, "SELECT status, count(*) FROM device GROUP BY status", read.devices);
  if (!done) return done;
  done = ReadCounts(store, "SELECT severity, count(*) FROM finding WHERE status = 'open' GROUP BY severity",
                    read.findings);
  if (!done) return done;
  // A run without result text says only since when an export is known.
  done = Read(store, "SELECT name, ok, at FROM export_run WHERE result <> '' ORDER BY at",
              [&](std::span<const SqlValue> row) {
                if (std::ranges::find(exports_, Text(row[0])) == exports_.end()) return;
                LastRun& run = read.exports[Text(row[0])];
                run.ok = Number(row[1]) != 0;
                if (run.ok) run.succeeded_at = Number(row[2]);
              });
  if (!done) return done;
  const std::lock_guard lock(mutex_);
  numbers_ = std::move(read);
  return {};
}

void LedgerMetrics::LastRun::Note(bool good, UnixTime at) {
  ran = true;
  ok = good;
  if (good) succeeded_at = at;
}

void LedgerMetrics::NoteSweep(bool ok, UnixTime at) {
  const std::lock_guard lock(mutex_);
  sweep_.Note(ok, at);
}

void LedgerMetrics::NoteProof(bool ok, UnixTime at) {
  const std::lock_guard lock(mutex_);
  proof_.Note(ok, at);
}

void LedgerMetrics::WriteRuns(Exposition& out) const {
  struct Run {
    const LastRun& last;
    const char* name;
    const char* ok;
    const char* when;
  };
  for (const Run& run : {Run{sweep_, "daicho_findings_sweep", "Whether the last judgement of all rules succeeded.",
                             "When all rules were judged last."},
                         Run{proof_, "daicho_ledger_proof", "Whether the ledger was last found to be what was written.",
                             "When the ledger was last found to be what was written."}}) {
    if (!run.last.ran) continue;
    out.Family(run.name + std::string("_ok"), run.ok, MetricType::kGauge);
    out.Sample({}, std::uint64_t{run.last.ok});
    if (run.last.succeeded_at == 0) continue;
    out.Family(run.name + std::string("_last_success_timestamp_seconds"), run.when, MetricType::kGauge);
    out.Sample({}, static_cast<std::uint64_t>(run.last.succeeded_at));
  }
}

void LedgerMetrics::WriteExports(Exposition& out) const {
  if (numbers_.exports.empty()) return;
  out.Family("daicho_export_ok", "Whether the last run of a scheduled export succeeded.", MetricType::kGauge);
  for (const auto& [name, run] : numbers_.exports) out.Sample({{"name", name}}, std::uint64_t{run.ok});
  out.Family("daicho_export_last_success_timestamp_seconds", "When a scheduled export succeeded last.",
             MetricType::kGauge);
  for (const auto& [name, run] : numbers_.exports) {
    if (run.succeeded_at != 0) out.Sample({{"name", name}}, static_cast<std::uint64_t>(run.succeeded_at));
  }
}

void LedgerMetrics::WriteTo(Exposition& out) const {
  const std::lock_guard lock(mutex_);
  WriteRuns(out);
  if (numbers_.read_at == 0) return;
  out.Family("daicho_ledger_refresh_timestamp_seconds", "When the numbers of devices, findings and exports were read.",
             MetricType::kGauge);
  out.Sample({}, static_cast<std::uint64_t>(numbers_.read_at));
  out.Family("daicho_devices", "Devices by status.", MetricType::kGauge);
  for (const auto& [status, count] : numbers_.devices) out.Sample({{"status", status}}, count);
  out.Family("daicho_open_findings", "Open findings by severity.", MetricType::kGauge);
  for (const auto& [severity, count] : numbers_.findings) out.Sample({{"severity", severity}}, count);
  WriteExports(out);
}

}  // namespace daicho::collector
