#include "collector/store/device_line.h"

#include <algorithm>

#include "common/protocol.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

// Claims of one device that are kept: whoever has a device's key can make up machines.
constexpr std::int64_t kMaxClaims = 8;

// An id that either side does not know says nothing.
bool MayBeSame(std::string_view held, std::string_view said) { return held.empty() || said.empty() || held == said; }

struct Claim {
  UnixTime since = 0;
  bool is_new = false;
};

Claim RecordClaim(Connection& connection, std::int64_t device, const CheckInWrite& write) {
  const v1::DeviceLine& said = write.request->line();
  Claim claim{.since = write.at, .is_new = true};
  {
    Query known = connection.Ask(
        "SELECT first_seen, last_seen FROM claim_entry WHERE device = ?1 AND machine_id = ?2 AND hardware_id = ?3",
        device, said.machine_id(), said.hardware_id());
    // One that was away for longer than it would have been held makes a new claim.
    if (known.Next() && write.at - known.Int(1) <= write.hold_seconds) {
      claim = {.since = std::min(known.Int(0), write.at), .is_new = false};
    }
  }
  if (claim.is_new) {
    connection.Run(
        "DELETE FROM claim_entry WHERE device = ?1 AND (machine_id, hardware_id) NOT IN (SELECT machine_id, "
        "hardware_id FROM claim_entry WHERE device = ?1 ORDER BY last_seen DESC, machine_id, hardware_id LIMIT ?2)",
        device, kMaxClaims - 1);
  }
  connection.Run(
      "INSERT INTO claim_entry (device, machine_id, hardware_id, hostname, address, first_seen, last_seen) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (device, machine_id, hardware_id) DO UPDATE SET "
      "hostname = excluded.hostname, address = excluded.address, first_seen = excluded.first_seen, "
      "last_seen = excluded.last_seen",
      device, said.machine_id(), said.hardware_id(), said.hostname(), write.from, claim.since, write.at);
  return claim;
}

void RecordLine(Connection& connection, std::int64_t device, const CheckInWrite& write) {
  const v1::DeviceLine& said = write.request->line();
  connection.Run(
      "UPDATE device_entry SET line_continuation = ?2, line_presented = ?3, line_instance = ?4, "
      "line_machine_id = coalesce(nullif(?5, ''), line_machine_id), "
      "line_hardware_id = coalesce(nullif(?6, ''), line_hardware_id) WHERE id = ?1",
      device, Blob{write.new_continuation}, Blob{said.continuation()}, Blob{said.instance()}, said.machine_id(),
      said.hardware_id());
}

}  // namespace

LineJudgement JudgeLine(const HeldLine& held, const v1::DeviceLine& said) {
  if (!MayBeSame(held.machine_id, said.machine_id()) || !MayBeSame(held.hardware_id, said.hardware_id())) {
    return LineJudgement::kDoubtful;
  }
  if (held.continuation.empty() || said.continuation() == held.continuation) return LineJudgement::kGoesOn;
  if (said.continuation() == held.presented && said.instance() == held.instance) return LineJudgement::kRepeats;
  return LineJudgement::kDoubtful;
}

bool IsOfLine(const HeldLine& held, std::string_view continuation) {
  if (continuation.empty()) return held.continuation.empty() || held.instance.empty();
  return continuation == held.continuation;
}

CheckInAnswer FollowLine(Connection& connection, std::int64_t device, const HeldLine& held, const CheckInWrite& write) {
  CheckInAnswer answer;
  switch (JudgeLine(held, write.request->line())) {
    case LineJudgement::kRepeats:
      answer.continuation = held.continuation;
      return answer;
    case LineJudgement::kGoesOn:
      break;
    case LineJudgement::kDoubtful: {
      const Claim claim = RecordClaim(connection, device, write);
      if (held.last_seen > claim.since) {
        answer.line = DeviceLine::kCopy;
        return answer;
      }
      if (write.at - claim.since < write.hold_seconds) {
        answer.line = DeviceLine::kHeld;
        answer.held_until = claim.since + write.hold_seconds;
        return answer;
      }
      answer.line = DeviceLine::kTakenOver;
      connection.Run("DELETE FROM claim_entry WHERE device = ?1 AND machine_id = ?2 AND hardware_id = ?3", device,
                     write.request->line().machine_id(), write.request->line().hardware_id());
      break;
    }
  }
  RecordLine(connection, device, write);
  answer.continuation = write.new_continuation;
  return answer;
}

void Apply(Connection& connection, ForgetLinesWrite& write) {
  connection.Run(
      "UPDATE device_entry SET line_continuation = NULL, line_presented = NULL, line_instance = NULL "
      "WHERE line_continuation IS NOT NULL");
  connection.Run("DELETE FROM claim_entry");
  write.result = {};
}

}  // namespace daicho::collector
