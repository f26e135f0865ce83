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

std::string JsonList(const google::protobuf::RepeatedPtrField<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ',';
    AppendJsonString(text, json);
  }
  return json + "]";
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

// What is held of a section is what it says of itself now.
bool IsAsBefore(const v1::SectionState& section, const HeldState* held) {
  return held && IsHeld(section, held) && held->status == v1::SectionStatus_Name(section.status()) &&
         held->reason == section.reason() && held->issue_count == section.issue_count() &&
         held->issues == IssuesJson(section);
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
// Times that a device tells are good enough for days if its clock is this near.
constexpr std::int64_t kMostSkew = 86'400;

std::optional<std::int64_t> SkewOf(const v1::CheckInRequest& request, UnixTime at) {
  if (!request.has_agent_time()) return std::nullopt;
  const auto agent_time = KnownTime(request.agent_time());
  return agent_time ? std::optional(*agent_time - at) : std::nullopt;
}

// False: nothing new.
bool RecordDevice(Connection& connection, const Caller& caller, const v1::CheckInRequest& request, UnixTime at) {
  const auto skew = SkewOf(request, at);
  // Where it was this machine's clock that ran ahead, what it noted lies in the future, and is forgotten in the UPDATE.
  std::optional<UnixTime> wrong_at;
  if (skew && (*skew > kMostSkew || *skew < -kMostSkew)) wrong_at = at;
  std::optional<std::int64_t> cpu_ms;
  std::optional<std::int64_t> peak_rss_kib;
  std::optional<std::int64_t> bytes_out;
  std::optional<std::string> overruns;
  if (request.has_last_cycle()) {
    const v1::CycleUsage& usage = request.last_cycle();
    cpu_ms = usage.cpu_ms();
    peak_rss_kib = usage.peak_rss_kib();
    bytes_out = usage.bytes_out();
    overruns = JsonList(usage.overruns());
  }
  connection.Run(
      "UPDATE device_entry SET last_seen = ?2, agent_version = ?3, clock_skew_seconds = ?4, "
      "clock_wrong_at = coalesce(?9, CASE WHEN clock_wrong_at <= ?2 THEN clock_wrong_at END), "
      "cycle_cpu_ms = coalesce(?5, cycle_cpu_ms), cycle_peak_rss_kib = coalesce(?6, cycle_peak_rss_kib), "
      "cycle_bytes_out = coalesce(?7, cycle_bytes_out), cycle_overruns = coalesce(?8, cycle_overruns) WHERE id = ?1",
      caller.device, at, request.agent_version(), skew, cpu_ms, peak_rss_kib, bytes_out, overruns, wrong_at);
  return at - caller.line.last_seen >= kSilence || caller.clock_skew_seconds.has_value() != skew.has_value() ||
         std::abs(caller.clock_skew_seconds.value_or(0) - skew.value_or(0)) >= kSkewStep;
}

}  // namespace

void SectionWriter::Apply(CheckInWrite& write) {
  const auto caller = AdmitCaller(connection_, write.device_id, write.caller_serial);
  if (!caller) {
    write.result = std::unexpected(caller.error());
    return;
  }
  CheckInAnswer answer = FollowLine(connection_, caller->device, caller->line, write);
  if (answer.line == DeviceLine::kHeld || answer.line == DeviceLine::kCopy) {
    write.changed = true;
    write.result = std::move(answer);
    return;
  }
  AcceptCertificate(connection_, *caller, write.caller_serial);
  write.changed = RecordDevice(connection_, *caller, *write.request, write.at);
  write.changed |= answer.line == DeviceLine::kTakenOver;
  write.changed |= RecordStates(caller->device, *write.request, write.at, answer.wanted);
  write.result = std::move(answer);
}

bool SectionWriter::RecordStates(std::int64_t device, const v1::CheckInRequest& request, UnixTime at,
                                 std::vector<v1::SectionWanted>& wanted) {
  const auto states = HeldStates(connection_, device);
  std::vector<std::pair<const v1::SectionState*, const HeldState*>> said;
  for (const v1::SectionState& section : request.sections()) {
    const bool stated = section.status() == v1::OK || section.status() == v1::PARTIAL || section.status() == v1::FAILED;
    if (!tables_.contains(section.name()) || !stated) continue;
    const auto held = states.find(section.name());
    said.emplace_back(&section, held == states.end() ? nullptr : &held->second);
  }
  const bool is_as_before = said.size() == states.size() && std::ranges::all_of(said, [](const auto& one) {
                              return IsAsBefore(*one.first, one.second);
                            });
  if (is_as_before) {
    connection_.Run(
        "UPDATE section_state SET checked_at = ?2, ok_at = CASE status WHEN 'OK' THEN ?2 ELSE ok_at END "
        "WHERE device = ?1",
        device, at);
    return false;
  }
  bool changed = false;
  for (const auto& [section, held] : said) {
    changed |= RecordState(connection_, device, *section, held, at);
    if (IsHeld(*section, held)) continue;
    v1::SectionWanted& want = wanted.emplace_back();
    want.set_name(section->name());
    if (held && held->digest) want.set_base_digest(*held->digest);
  }
  return changed;
}

}  // namespace daicho::collector
