#include "collector/store/finding_writes.h"

#include <tuple>
#include <unordered_map>

#include "collector/store/journal_hash.h"
#include "common/json.h"

namespace daicho::collector {

namespace {

struct Living {
  std::string finding_id;
  std::optional<std::int64_t> waived_until;
  std::string severity;
  std::string evidence;
  bool named = false;
};

// Device number and subject.
using FindingKey = std::pair<std::int64_t, std::string>;

// Of one device, or of all (0).
std::map<FindingKey, Living> LivingFindings(Connection& connection, std::string_view rule, std::int64_t device) {
  std::map<FindingKey, Living> living;
  const std::string sql =
      "SELECT device, subject, finding_id, waived_until, severity, evidence FROM finding_entry WHERE rule = ?1 AND "
      "status <> 'resolved'";
  Query query = device == 0 ? connection.Ask(sql, rule) : connection.Ask(sql + " AND device = ?2", rule, device);
  while (query.Next()) {
    living.emplace(FindingKey{query.Int(0), std::string(query.Text(1))},
                   Living{.finding_id = std::string(query.Text(2)),
                          .waived_until = query.OptionalInt(3),
                          .severity = std::string(query.Text(4)),
                          .evidence = std::string(query.Text(5))});
  }
  return living;
}

// Numbers of one device, or of all (empty).
std::unordered_map<std::string, std::int64_t> DeviceNumbers(Connection& connection, const std::string& device_id) {
  std::unordered_map<std::string, std::int64_t> numbers;
  Query query = device_id.empty()
                    ? connection.Ask("SELECT device_id, id FROM device_entry")
                    : connection.Ask("SELECT device_id, id FROM device_entry WHERE device_id = ?1", device_id);
  while (query.Next()) numbers.emplace(query.Text(0), query.Int(1));
  return numbers;
}

std::string EvidenceJson(const std::map<std::string, std::string>& evidence) {
  std::string json = "{";
  for (const auto& [name, value] : evidence) {
    if (json.size() > 1) json += ',';
    AppendJsonString(name, json);
    json += ':';
    AppendJsonString(value, json);
  }
  return json + "}";
}

void Refresh(Connection& connection, const FindingsWrite& write, const FindingCandidate& candidate,
             const Living& living) {
  const std::string evidence = EvidenceJson(candidate.evidence);
  // A look at the whole ledger is noted once (rule_state), and not in each finding that stays as it is.
  if (!write.device_id.empty() || living.severity != write.severity || living.evidence != evidence) {
    connection.Run("UPDATE finding_entry SET last_seen = ?2, severity = ?3, evidence = ?4 WHERE finding_id = ?1",
                   living.finding_id, write.at, write.severity, evidence);
  }
  if (!living.waived_until || *living.waived_until > write.at) return;
  connection.Run(
      "UPDATE finding_entry SET status = 'open', waived_by = NULL, waive_reason = NULL, waived_until = NULL "
      "WHERE finding_id = ?1 AND waived_until <= ?2",
      living.finding_id, write.at);
}

// Its id is twelve digits that rule, device and subject always give, and the number of the life. Counting by the digits
// and not by the finding keeps ids apart even if two findings should share them. False: another collector opens it in
// this moment.
bool OpenFinding(Connection& connection, const FindingsWrite& write, const FindingCandidate& candidate,
                 std::int64_t device) {
  const std::string stem =
      Hex(Sha256(write.rule + '\x1f' + candidate.device_id + '\x1f' + candidate.subject)).substr(0, 12);
  // The highest number and not how many there are: earlier lives may be forgotten.
  return connection.Do(
             "INSERT INTO finding_entry (finding_id, rule, device, subject, severity, status, evidence, first_seen, "
             "last_seen) SELECT ?1 || CAST(coalesce(max(CAST(substr(finding_id, 14) AS bigint)), 0) + 1 AS text), ?3, "
             "?4, ?5, ?6, 'open', ?7, ?8, ?8 FROM finding_entry WHERE finding_id BETWEEN ?1 AND ?2 ON CONFLICT DO "
             "NOTHING",
             stem + "-", stem + "-~", write.rule, device, candidate.subject, write.severity,
             EvidenceJson(candidate.evidence), write.at) == 1;
}

// What the rule no longer says.
std::uint32_t ResolveOthers(Connection& connection, const FindingsWrite& write,
                            const std::map<FindingKey, Living>& living) {
  std::uint32_t resolved = 0;
  for (const auto& [key, finding] : living) {
    if (finding.named) continue;
    connection.Run(
        "UPDATE finding_entry SET status = 'resolved', resolved_at = ?2, last_seen = greatest(last_seen, "
        "(SELECT swept_at FROM rule_state WHERE rule = ?3)) WHERE finding_id = ?1",
        finding.finding_id, write.at, write.rule);
    ++resolved;
  }
  return resolved;
}

}  // namespace

void Apply(Connection& connection, FindingsWrite& write) {
  FindingsCount count;
  const auto numbers = DeviceNumbers(connection, write.device_id);
  const auto of_device = numbers.find(write.device_id);
  auto living = LivingFindings(connection, write.rule, of_device == numbers.end() ? 0 : of_device->second);
  for (const FindingCandidate& candidate : write.candidates) {
    const auto number = numbers.find(candidate.device_id);
    if (number == numbers.end()) {
      write.result = Fail(Code::kNotFound, "rule '" + write.rule + "' names the device '" + candidate.device_id +
                                               "', which is not in the ledger");
      return;
    }
    const auto [place, fresh] = living.try_emplace(FindingKey{number->second, candidate.subject});
    if (place->second.named) continue;  // a rule that names a subject twice has one finding
    place->second.named = true;
    if (fresh && OpenFinding(connection, write, candidate, number->second)) {
      ++count.opened;
      continue;
    }
    if (!fresh) Refresh(connection, write, candidate, place->second);
    ++count.kept;
  }
  count.resolved = ResolveOthers(connection, write, living);
  if (write.device_id.empty()) {
    connection.Run(
        "INSERT INTO rule_state (rule, swept_at) VALUES (?1, ?2) ON CONFLICT (rule) DO UPDATE SET swept_at = "
        "excluded.swept_at",
        write.rule, write.at);
  }
  write.result = count;
}

void Apply(Connection& connection, WaiveWrite& write) {
  write.result = {};
  // Another collector may resolve it in this moment.
  const std::int64_t changed =
      write.until <= write.at
          ? connection.Do(
                "UPDATE finding_entry SET status = 'open', waived_by = NULL, waive_reason = NULL, waived_until = NULL "
                "WHERE finding_id = ?1 AND status <> 'resolved'",
                write.finding_id)
          : connection.Do(
                "UPDATE finding_entry SET status = 'waived', waived_by = ?2, waive_reason = ?3, waived_until = ?4 "
                "WHERE finding_id = ?1 AND status <> 'resolved'",
                write.finding_id, write.by, write.reason, write.until);
  if (changed == 1 || !connection.ok()) return;
  Query known = connection.Ask("SELECT 1 FROM finding_entry WHERE finding_id = ?1", write.finding_id);
  write.result =
      known.Next() ? Fail(Code::kFailedPrecondition, "finding '" + write.finding_id + "' is resolved; nothing to waive")
                   : Fail(Code::kNotFound, "no finding '" + write.finding_id + "'");
}

void Apply(Connection& connection, ExportRunWrite& write) {
  write.result = {};
  connection.Run("INSERT INTO export_entry (name, at, ok, result, file) VALUES (?1, ?2, ?3, ?4, ?5)", write.name,
                 write.at, std::int64_t{write.ok}, write.result_text, write.file);
}

void Apply(Connection& connection, LeaseWrite& write) {
  if (write.resign) {
    // The row stays: turns that began anew would be taken for those that somebody saw before.
    connection.Run("UPDATE lease_entry SET holder = '', turn = turn + 1 WHERE name = ?1 AND holder = ?2", write.name,
                   write.holder);
  } else {
    // No turn is below 0.
    const std::int64_t take = write.take_turn ? static_cast<std::int64_t>(*write.take_turn) : -1;
    connection.Run(
        "INSERT INTO lease_entry (name, holder, turn) VALUES (?1, ?2, 1) ON CONFLICT (name) DO UPDATE SET holder = "
        "excluded.holder, turn = lease_entry.turn + 1 WHERE lease_entry.holder IN (excluded.holder, '') OR "
        "lease_entry.turn = ?3",
        write.name, write.holder, take);
  }
  LeaseTurn lease;
  Query held = connection.Ask("SELECT holder, turn FROM lease_entry WHERE name = ?1", write.name);
  if (held.Next()) {
    lease.holder = std::string(held.Text(0));
    lease.turn = static_cast<std::uint64_t>(held.Int(1));
  }
  write.result = std::move(lease);
}

void Apply(Connection& connection, JournalWrite& write) {
  write.result = {};
  JournalEntry entry{1, write.at, write.actor, write.action, write.detail};
  std::string previous;
  {
    // The head's row keeps other collectors of this ledger from continuing the chain at the same place.
    const std::string sql = "SELECT seq, hash FROM journal_head" + std::string(connection.row_lock());
    Query head = connection.Ask(sql);
    if (head.Next()) {
      entry.seq = head.Int(0) + 1;
      previous = head.Bytes(1);
    }
  }
  const std::string hash = JournalHash(previous, entry);
  connection.Run("INSERT INTO journal_entry (seq, at, actor, action, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                 entry.seq, write.at, write.actor, write.action, write.detail, Blob{hash});
  connection.Run("UPDATE journal_head SET seq = ?1, hash = ?2", entry.seq, Blob{hash});
}

}  // namespace daicho::collector
