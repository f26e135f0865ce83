#include "collector/store/retention.h"

#include <string>

#include "collector/store/projection.h"

namespace daicho::collector {

namespace {

// Of one step: agents wait for the commit that it is part of.
constexpr std::int64_t kDevicesAtOnce = 16;
constexpr std::int64_t kRowsAtOnce = 1'000;

// Devices of a step are those behind ?1 up to ?2; ?3 is the first moment that is kept.
const std::string kDevices = "device IN (SELECT id FROM device_entry WHERE device_id > ?1 AND device_id <= ?2)";
const std::string kGoneDevices =
    "device IN (SELECT id FROM device_entry WHERE device_id > ?1 AND device_id <= ?2 AND revoked_at <= ?3)";
// What ended by then began before: an index leads there, past what is newer. (A clock that was set back may date the
// last rows of a device behind its revocation; they are forgotten on a later night.)
const std::string kEnded = kDevices + " AND valid_from <= ?3 AND (valid_to <= ?3 OR " + kGoneDevices + ")";

struct Step {
  std::string_view after;
  std::string_view last;
  UnixTime keep_since = 0;
};

std::int64_t Forget(Connection& connection, const Step& step, const std::string& table, const std::string& which) {
  return connection.Do("DELETE FROM " + table + " WHERE " + which, step.after, step.last, step.keep_since);
}

// A period whose tails others are patches of stays as long as one of them does.
std::int64_t ForgetSoftware(Connection& connection, const Step& step) {
  return Forget(connection, step, "software_period", kEnded + " AND base IS NOT NULL") +
         Forget(connection, step, "software_period",
                kEnded +
                    " AND NOT EXISTS (SELECT 1 FROM software_period AS patch WHERE patch.device = "
                    "software_period.device AND patch.base = software_period.id)");
}

std::int64_t ForgetDevices(Connection& connection, const Step& step) {
  std::int64_t rows =
      ForgetSoftware(connection, step) + Forget(connection, step, "section_period", kEnded) +
      Forget(connection, step, "section_state", kGoneDevices) + Forget(connection, step, "claim_entry", kGoneDevices) +
      Forget(connection, step, "finding_entry", kDevices + " AND (resolved_at <= ?3 OR " + kGoneDevices + ")");
  for (const Projection& projection : AllProjections()) {
    rows += Forget(connection, step, std::string(projection.table), kEnded);
  }
  return rows;
}

void DevicesStep(Connection& connection, const RetentionWrite& write, RetentionStep& done) {
  Query devices = connection.Ask(
      "SELECT max(device_id), count(*) FROM (SELECT device_id FROM device_entry WHERE "
      "device_id > ?1 ORDER BY device_id LIMIT ?2) AS next",
      write.after_device, kDevicesAtOnce);
  if (!devices.Next()) return;
  done.after_device = devices.Text(0);
  done.devices_done = devices.Int(1) < kDevicesAtOnce;
  if (devices.Int(1) == 0) return;
  const Step step{.after = write.after_device, .last = done.after_device, .keep_since = write.keep_since};
  done.rows = static_cast<std::uint64_t>(ForgetDevices(connection, step));
}

// The set with the highest number stays, whoever has it: readers remember sets by their number, which must not be given
// twice.
std::int64_t ForgetSets(Connection& connection) {
  return connection.Do(
      "DELETE FROM software_set WHERE id IN (SELECT id FROM software_set AS s WHERE NOT EXISTS (SELECT 1 FROM "
      "software_period AS p WHERE p.set_id = s.id) AND s.id < (SELECT max(id) FROM software_set) LIMIT ?1)",
      kRowsAtOnce);
}

void SharedStep(Connection& connection, const RetentionWrite& write, RetentionStep& done) {
  const std::int64_t sets = ForgetSets(connection);
  done.devices_done = true;
  done.done = sets < kRowsAtOnce;
  done.sets = static_cast<std::uint64_t>(sets);
  if (!done.done) return;
  // Whether an export works is told by its last run, however old.
  done.rows = static_cast<std::uint64_t>(
      connection.Do("DELETE FROM export_entry WHERE at <= ?1 AND EXISTS (SELECT 1 FROM export_entry AS later WHERE "
                    "later.name = export_entry.name AND later.id > export_entry.id)",
                    write.keep_since) +
      connection.Do("DELETE FROM token_entry WHERE expires_at <= ?1", write.keep_since));
}

}  // namespace

void Apply(Connection& connection, RetentionWrite& write) {
  connection.Run(
      "INSERT INTO history_state (one, kept_since) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET kept_since = "
      "excluded.kept_since WHERE history_state.kept_since < excluded.kept_since",
      write.keep_since);
  RetentionStep done;
  if (write.devices_done) {
    SharedStep(connection, write, done);
  } else {
    DevicesStep(connection, write, done);
  }
  write.result = done;
}

}  // namespace daicho::collector
