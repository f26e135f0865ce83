#include <algorithm>

#include "collector/store/delta_check.h"
#include "collector/store/device_writes.h"
#include "collector/store/row_table.h"
#include "collector/store/section_writes.h"
#include "collector/store/software_table.h"
#include "common/partial_rows.h"
#include "common/protocol.h"

namespace daicho::collector {

namespace {

v1::SectionResult Outcome(const v1::SectionDelta& delta, v1::SectionOutcome outcome, std::string message = {}) {
  v1::SectionResult result;
  result.set_name(delta.name());
  result.set_outcome(outcome);
  result.set_message(std::move(message));
  return result;
}

v1::SectionResult Rejected(const v1::SectionDelta& delta, const std::string& why) {
  return Outcome(delta, v1::REJECTED, "section '" + delta.name() + "': " + why);
}

struct Held {
  std::optional<std::string> digest;
  std::optional<std::string> merged_digest;
  UnixTime since = 0;
};

Held HeldDigests(Connection& connection, std::int64_t device, std::string_view section) {
  Held held;
  Query query = connection.Ask(
      "SELECT s.digest, s.merged_digest, p.valid_from FROM section_state AS s LEFT JOIN section_period AS p "
      "ON p.device = s.device AND p.section = s.section AND p.valid_to IS NULL WHERE s.device = ?1 AND s.section = ?2",
      device, section);
  if (query.Next()) held = {query.OptionalBytes(0), query.OptionalBytes(1), query.Int(2)};
  return held;
}

std::string FindSizeFault(const RowViews& rows) {
  std::size_t bytes = 0;
  for (const std::string_view row : rows) bytes += row.size();
  if (rows.size() > kMaxSectionRows) {
    return std::to_string(rows.size()) + " rows are over the limit of " + std::to_string(kMaxSectionRows);
  }
  if (bytes > kMaxMessageBytes) {
    return std::to_string(bytes) + " bytes of rows are over the limit of " + std::to_string(kMaxMessageBytes);
  }
  return {};
}

// Rows are counted as the report lists them, so that its maker finds the row.
std::string DescribeFault(const v1::SectionDelta& delta, const RowViews& rows, const RowFault& fault) {
  const auto& added = delta.added();
  const auto place = std::lower_bound(added.begin(), added.end(), rows[fault.row]);
  if (place != added.end() && *place == rows[fault.row]) {
    return "row " + std::to_string(place - added.begin() + 1) + " of those added: " + fault.reason;
  }
  return "row " + std::to_string(fault.row + 1) + " of the result: " + fault.reason;
}

void RecordHostname(Connection& connection, std::int64_t device) {
  connection.Run(
      "UPDATE device_entry SET hostname = coalesce("
      "(SELECT hostname FROM os_row WHERE device = ?1 AND valid_to IS NULL), hostname) WHERE id = ?1",
      device);
}

}  // namespace

void BeginSectionPeriod(Connection& connection, std::int64_t device, std::string_view section, UnixTime at) {
  connection.Run("UPDATE section_period SET valid_to = ?3 WHERE device = ?1 AND section = ?2 AND valid_to IS NULL",
                 device, section, at);
  connection.Run(
      "INSERT INTO section_period (device, section, valid_from, status, reason, row_count, digest) "
      "SELECT device, section, ?3, status, reason, row_count, digest FROM section_state WHERE device = ?1 AND "
      "section = ?2",
      device, section, at);
  // Not `at`: a collector of before schema 8 (PostgreSQL 5), still running beside this one, may have begun it.
  connection.Run(
      "UPDATE section_state SET begun_at = (SELECT min(valid_from) FROM section_period WHERE device = ?1 AND section = "
      "?2) WHERE device = ?1 AND section = ?2 AND begun_at IS NULL",
      device, section);
}

SectionWriter::SectionWriter(Connection& connection, Dictionary& dictionary, ContentTable& sets)
    : connection_(connection), dictionary_(dictionary) {
  tables_.emplace("software", std::make_unique<SoftwareTable>(connection, dictionary, sets));
  for (const Projection& projection : AllProjections()) {
    tables_.emplace(projection.section,
                    std::make_unique<RowTable>(connection, *FindSection(projection.section), projection));
  }
}

void SectionWriter::RecordHeld(std::int64_t device, const v1::SectionDelta& delta, std::string_view digest,
                               std::size_t row_count, bool merged, UnixTime at) {
  std::optional<std::int64_t> ok_at;
  if (delta.status() == v1::OK) ok_at = at;
  std::optional<Blob> merged_digest;
  if (merged) merged_digest = Blob{delta.result_digest()};
  connection_.Run(
      "INSERT INTO section_state (device, section, status, row_count, digest, merged_digest, ok_at, checked_at) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (device, section) DO UPDATE SET status = excluded.status, "
      "row_count = excluded.row_count, digest = excluded.digest, merged_digest = excluded.merged_digest, "
      "ok_at = coalesce(excluded.ok_at, section_state.ok_at), checked_at = excluded.checked_at, "
      "reason = CASE WHEN excluded.ok_at IS NULL THEN section_state.reason END",
      device, delta.name(), v1::SectionStatus_Name(delta.status()), static_cast<std::int64_t>(row_count), Blob{digest},
      merged_digest, ok_at, at);
}

v1::SectionResult SectionWriter::Keep(std::int64_t device, const v1::SectionDelta& delta, SectionChange& change,
                                      RowViews rows, Moment at) {
  if (const std::string fault = FindSizeFault(rows); !fault.empty()) return Rejected(delta, fault);
  if (const auto fault = change.FindFault(rows)) return Rejected(delta, DescribeFault(delta, rows, *fault));
  std::string digest = delta.result_digest();
  Rows united;
  if (delta.status() == v1::PARTIAL) {
    const auto held = change.Load();
    if (!held) return Rejected(delta, held.error().message);
    united = MergePartial(*FindSection(delta.name()), CopyRows(*held), CopyRows(rows));
    rows = ViewRows(united);
    if (const std::string fault = FindSizeFault(rows); !fault.empty()) return Rejected(delta, fault);
    if (const auto fault = change.FindFault(rows)) return Rejected(delta, DescribeFault(delta, rows, *fault));
    digest = DigestRows(rows);
  }
  if (const Status kept = change.Replace(rows, at.dated); !kept) return Rejected(delta, kept.error().message);
  const bool merged = digest != delta.result_digest();
  RecordHeld(device, delta, digest, rows.size(), merged, at.said);
  BeginSectionPeriod(connection_, device, delta.name(), at.dated);
  changed_ = true;
  if (delta.name() == "os") RecordHostname(connection_, device);
  if (!merged) return Outcome(delta, v1::APPLIED);
  return Outcome(delta, v1::MERGED, "rows were merged into " + std::to_string(rows.size()) + " known ones");
}

v1::SectionResult SectionWriter::TryToKeep(std::int64_t device, const v1::SectionDelta& delta, SectionChange& change,
                                           const RowViews& rows, Moment at) {
  const std::size_t mark = dictionary_.Mark();
  connection_.Run("SAVEPOINT one_section");
  v1::SectionResult result = Keep(device, delta, change, rows, at);
  if (result.outcome() == v1::REJECTED && connection_.ok()) {
    connection_.Run("ROLLBACK TO one_section");
    dictionary_.Forget(mark);
  }
  connection_.Run("RELEASE one_section");
  return result;
}

v1::SectionResult SectionWriter::ApplyDeltaTo(std::int64_t device, const v1::SectionDelta& delta, UnixTime at) {
  const auto table = tables_.find(delta.name());
  if (table == tables_.end()) return Outcome(delta, v1::NOT_WANTED, "this collector keeps no section of that name");
  if (const std::string fault = FindFormFault(delta); !fault.empty()) return Rejected(delta, fault);
  const Held held = HeldDigests(connection_, device, delta.name());
  if (held.digest == delta.result_digest()) {
    connection_.Run(
        "UPDATE section_state SET checked_at = ?3, ok_at = coalesce(?4, ok_at) WHERE device = ?1 AND section = ?2",
        device, delta.name(), at, delta.status() == v1::OK ? std::optional(at) : std::nullopt);
    return Outcome(delta, v1::APPLIED);
  }
  if (delta.status() == v1::PARTIAL && held.merged_digest == delta.result_digest()) return Outcome(delta, v1::MERGED);
  const auto change = table->second->Change(device);
  RowViews base;
  if (!delta.base_digest().empty()) {
    if (held.digest != delta.base_digest()) return Outcome(delta, v1::NEED_FULL, "the base is not what is held");
    auto loaded = change->Load();
    if (!loaded) return Outcome(delta, v1::NEED_FULL, loaded.error().message);
    base = std::move(*loaded);
  }
  const auto rows = ApplyDelta(base, delta);
  if (!rows && rows.error().code == Code::kAborted && !delta.base_digest().empty()) {
    return Outcome(delta, v1::NEED_FULL, rows.error().message);
  }
  if (!rows) return Outcome(delta, v1::REJECTED, rows.error().message);
  // A clock that was set back does not turn the past around: what is learned then is dated to the last change.
  return TryToKeep(device, delta, *change, *rows, {.said = at, .dated = std::max(at, held.since)});
}

void SectionWriter::Apply(ReportWrite& write) {
  const auto caller = AdmitCaller(connection_, write.device_id, write.caller_serial, write.request->continuation());
  if (!caller) {
    write.result = std::unexpected(caller.error());
    return;
  }
  std::vector<v1::SectionResult> results;
  bool known = false;
  changed_ = false;
  for (const v1::SectionDelta& delta : write.request->sections()) {
    results.push_back(ApplyDeltaTo(caller->device, delta, write.at));
    known |= results.back().outcome() == v1::APPLIED || results.back().outcome() == v1::MERGED;
  }
  connection_.Run("UPDATE device_entry SET last_seen = ?2, reported_at = coalesce(reported_at, ?3) WHERE id = ?1",
                  caller->device, write.at, known ? std::optional(write.at) : std::nullopt);
  write.result = std::move(results);
  write.changed = changed_;
}

}  // namespace daicho::collector
