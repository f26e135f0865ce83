#include <algorithm>

#include "collector/store/device_writes.h"
#include "collector/store/projection.h"
#include "collector/store/section_writes.h"
#include "common/json.h"
#include "common/protocol.h"

namespace daicho::collector {

namespace {

struct HeldState {
  std::string status;
  std::string reason;
  std::string issues;
  std::int64_t issue_count = 0;
  std::optional<std::string> digest;
  std::optional<std::string> merged_digest;
  UnixTime since = 0;  // the last change
};

std::map<std::string, HeldState, std::less<>> HeldStates(Connection& connection, std::int64_t device) {
  std::map<std::string, HeldState, std::less<>> states;
  Query query = connection.Ask(
      "SELECT s.section, s.status, s.reason, s.issues, s.issue_count, s.digest, s.merged_digest, p.valid_from "
      "FROM section_state AS s LEFT JOIN section_period AS p ON p.device = s.device AND p.section = s.section AND "
      "p.valid_to IS NULL WHERE s.device = ?1",
      device);
  while (query.Next()) {
    states.emplace(query.Text(0), HeldState{.status = std::string(query.Text(1)),
                                            .reason = std::string(query.Text(2)),
                                            .issues = std::string(query.Text(3)),
                                            .issue_count = query.Int(4),
                                            .digest = query.OptionalBytes(5),
                                            .merged_digest = query.OptionalBytes(6),
                                            .since = query.Int(7)});
  }
  return states;
}

std::string IssuesJson(const v1::SectionState& section) {
  std::string json = "[";
  for (int i = 0; i < section.issues_size() && i < static_cast<int>(kMaxIssues); ++i) {
    if (i > 0) json += ',';
    AppendJson(section.issues(i), json);
  }
  return json + "]";
}

// The statement holds for what the ledger has: nothing needs to be sent.
bool IsHeld(const v1::SectionState& section, const HeldState* held) {
  if (section.status() == v1::FAILED) return true;
  if (!held || !held->digest) return false;
  if (section.digest() == *held->digest) return true;
  // These PARTIAL rows are in what is held already; asking again would bring them at every check-in.
  return section.status() == v1::PARTIAL && held->merged_digest && section.digest() == *held->merged_digest;
}

// False: nothing new.
bool RecordState(Connection& connection, std::int64_t device, const v1::SectionState& section, const HeldState* held,
                 UnixTime at) {
  const std::string& status = v1::SectionStatus_Name(section.status());
  const std::string issues = IssuesJson(section);
  std::optional<std::int64_t> ok_at;
  if (section.status() == v1::OK && IsHeld(section, held)) ok_at = at;
  if (held && held->status == status && held->reason == section.reason() && held->issues == issues &&
      held->issue_count == section.issue_count()) {
    connection.Run(
        "UPDATE section_state SET checked_at = ?3, ok_at = coalesce(?4, ok_at) WHERE device = ?1 AND section = ?2",
        device, section.name(), at, ok_at);
    return false;
  }
  connection.Run(
      "INSERT INTO section_state (device, section, status, reason, issue_count, issues, checked_at) "
      "VALUES (?1, ?2, ?3, nullif(?4, ''), ?5, ?6, ?7) ON CONFLICT (device, section) DO UPDATE SET "
      "status = excluded.status, reason = excluded.reason, issue_count = excluded.issue_count, "
      "issues = excluded.issues, checked_at = excluded.checked_at, ok_at = coalesce(?8, section_state.ok_at)",
      device, section.name(), status, section.reason(), std::int64_t{section.issue_count()}, issues, at, ok_at);
  if (IsHeld(section, held)) {
    BeginSectionPeriod(connection, device, section.name(), std::max(at, held ? held->since : 0));
  }
  return true;
}

// A device that was silent for this long, or whose clock moved by this much, is judged anew.
constexpr std::int64_t kSilence = 86'400;
constexpr std::int64_t kSkewStep = 60;

// False: nothing new.
bool RecordDevice(Connection& connection, std::int64_t device, const v1::CheckInRequest& request, UnixTime at) {
  std::optional<std::int64_t> skew;
  if (request.has_agent_time()) {
    if (const auto agent_time = KnownTime(request.agent_time())) skew = *agent_time - at;
  }
  bool changed = true;
  {
    Query before = connection.Ask("SELECT last_seen, clock_skew_seconds FROM device_entry WHERE id = ?1", device);
    if (before.Next()) {
      changed = at - before.Int(0) >= kSilence || before.IsNull(1) != !skew ||
                std::abs(before.Int(1) - skew.value_or(0)) >= kSkewStep;
    }
  }
  connection.Run("UPDATE device_entry SET last_seen = ?2, agent_version = ?3, clock_skew_seconds = ?4 WHERE id = ?1",
                 device, at, request.agent_version(), skew);
  if (!request.has_last_cycle()) return changed;
  const v1::CycleUsage& usage = request.last_cycle();
  std::string overruns = "[";
  for (const std::string& overrun : usage.overruns()) {
    if (overruns.size() > 1) overruns += ',';
    AppendJsonString(overrun, overruns);
  }
  connection.Run(
      "UPDATE device_entry SET cycle_cpu_ms = ?2, cycle_peak_rss_kib = ?3, cycle_bytes_out = ?4, cycle_overruns = ?5 "
      "WHERE id = ?1",
      device, std::int64_t{usage.cpu_ms()}, std::int64_t{usage.peak_rss_kib()}, std::int64_t{usage.bytes_out()},
      overruns + "]");
  return changed;
}

}  // namespace

void SectionWriter::Apply(CheckInWrite& write) {
  const auto device = FindReportingDevice(connection_, write.device_id);
  if (!device) {
    write.result = std::unexpected(device.error());
    return;
  }
  write.changed = RecordDevice(connection_, *device, write.request, write.at);
  const auto states = HeldStates(connection_, *device);
  std::vector<v1::SectionWanted> wanted;
  for (const v1::SectionState& section : write.request.sections()) {
    const bool stated = section.status() == v1::OK || section.status() == v1::PARTIAL || section.status() == v1::FAILED;
    if (!tables_.contains(section.name()) || !stated) continue;
    const auto found = states.find(section.name());
    const HeldState* held = found == states.end() ? nullptr : &found->second;
    write.changed |= RecordState(connection_, *device, section, held, write.at);
    if (IsHeld(section, held)) continue;
    v1::SectionWanted& want = wanted.emplace_back();
    want.set_name(section.name());
    if (held && held->digest) want.set_base_digest(*held->digest);
  }
  write.result = std::move(wanted);
}

}  // namespace daicho::collector
