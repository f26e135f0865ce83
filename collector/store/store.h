// The ledger's store. One writer, many readers.
//
// Writes go in batches: Commit() applies a batch in one transaction, each write in a savepoint of its own, and fills
// each write's `result`. When Commit() returns success, everything whose result is a success is on disk
// (synchronous=FULL). When it returns an error (disk full, read-only, locked), nothing of the batch happened and
// results are not to be read. Reads are SELECTs on the documented views (schema/views.sql) and see committed data only.
//
// Threads: Commit() from one thread at a time (GroupCommitter sees to it); everything else from any thread.
// Times: UTC seconds. Device numbers, item ids and set ids are the store's own and never leave it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "collector/store/verify_counts.h"
#include "common/clock.h"
#include "common/delta.h"
#include "common/error.h"
#include "daicho/v1/agent.pb.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::collector {

// --- writes ---------------------------------------------------------------------------------------------------
// What a write leaves for good is journaled with it (effects.h).

// New enrolment tokens, all of them or none; only their hashes are kept. kAlreadyExists: a hash is known; kNotFound:
// device_id given and not known.
struct TokenWrite {
  std::vector<std::string> token_hashes;  // hex SHA-256
  std::string device_id;                  // non-empty: enrols this device again
  std::string note;
  std::string created_by;
  UnixTime created_at = 0;
  UnixTime expires_at = 0;
  Status result;
};

// Burns the token and creates (or re-activates the certificate of) the device in one step. kPermissionDenied: token
// unknown, used or expired, or its device is revoked; then nothing changed.
struct EnrolWrite {
  std::string token_hash;
  std::string device_id;  // must be the token's device_id if it has one
  std::string hostname;
  std::string agent_version;
  std::string certificate_serial;  // hex; earlier certificates of the device stop being accepted
  UnixTime certificate_not_after = 0;
  UnixTime at = 0;
  Status result;
};

// What a device itself says goes with the serial of the certificate that it came with. kPermissionDenied: the device is
// not known or revoked, or the certificate is none of its own that are accepted; a renewed one becomes, with its first
// use, the only one. What it says next goes with its place in the conversation (device_line.h), too;
// kFailedPrecondition: it has none, it must check in first.

// A renewed certificate. The previous one stays accepted until the new one is first used, so a lost answer locks nobody
// out. Errors as above.
struct RenewWrite {
  std::string device_id;
  std::string caller_serial;
  std::string continuation;
  std::string certificate_serial;
  UnixTime certificate_not_after = 0;
  UnixTime at = 0;
  Status result;
};

// Is a device that checks in the one that did so before? (device_line.h)
enum class DeviceLine {
  kKnown,      // it is
  kTakenOver,  // it was not, but the other one was silent for so long that it is from now
  kHeld,       // not known yet
  kCopy,       // it is another one: the one that did so before still does
};

// Nothing but the claim itself is recorded of a line that is held or a copy.
struct CheckInAnswer {
  DeviceLine line = DeviceLine::kKnown;
  UnixTime held_until = 0;                // of kHeld
  std::string continuation;               // what the device is to say next; empty for kHeld and kCopy
  std::vector<v1::SectionWanted> wanted;  // sections whose digest differs from what is held (FAILED ones never), each
                                          // with the digest held
};

// Records that the device was seen, its section statuses and usage. Errors as above.
struct CheckInWrite {
  std::string device_id;
  std::string caller_serial;
  UnixTime at = 0;
  std::shared_ptr<const v1::CheckInRequest> request;  // never null
  std::string from;                                   // address of the caller, for claims
  std::string new_continuation;                       // random: given to the device if it goes on
  std::int64_t hold_seconds = 86'400;                 // how long the other line must have been silent
  Result<CheckInAnswer> result;
  bool changed = false;  // filled in: it said something new
};

// Applies section deltas, each on its own (SectionResult): base must be what is held, the result must have the stated
// digest, every row must parse and keys must be distinct. A delta whose result digest is already held is APPLIED
// without a change. PARTIAL without base merges by key (common/sections.h OverlayRow) and answers MERGED if the
// outcome differs from the stated digest. Errors as above.
struct ReportWrite {
  std::string device_id;
  std::string caller_serial;
  UnixTime at = 0;
  std::shared_ptr<const v1::ReportRequest> request;  // never null
  Result<std::vector<v1::SectionResult>> result;     // of each section of the request, in its order
  bool changed = false;                              // filled in: some section's rows are not what they were
};

// kNotFound: no such device. Revoking twice is a success.
struct RevokeWrite {
  std::string device_id;
  std::string reason;
  std::string by;  // admin's name
  UnixTime at = 0;
  Status result;
  bool changed = false;  // filled in: it was not revoked before
};

// What one rule says now. Finding identity: rule, device, subject.
struct FindingCandidate {
  std::string device_id;
  std::string subject;
  std::map<std::string, std::string> evidence;
};
struct FindingsCount {
  std::uint32_t opened = 0;
  std::uint32_t kept = 0;
  std::uint32_t resolved = 0;
};
// Opens new findings, refreshes last_seen and evidence of known ones, resolves those no longer named. A waiver that ran
// out becomes open again.
struct FindingsWrite {
  std::string rule;
  std::string severity;
  // Non-empty: the candidates are all that the rule says of this device, and nothing else changes.
  std::string device_id;
  UnixTime at = 0;
  std::vector<FindingCandidate> candidates;
  Result<FindingsCount> result;
};

// kNotFound; kFailedPrecondition: already resolved. `until` <= at ends the waiver.
struct WaiveWrite {
  std::string finding_id;
  std::string by;
  std::string reason;
  UnixTime until = 0;
  UnixTime at = 0;
  Status result;
};

// Outcome of a scheduled export.
struct ExportRunWrite {
  std::string name;
  UnixTime at = 0;
  bool ok = false;
  std::string result_text;
  std::string file;
  Status result;
};

// The ledger was put back to an earlier day: whatever devices say next is later than what it remembers, so where each
// of them was in its conversation is forgotten, and so are all claims (device_line.h). Who it is stays: the ids of its
// machine.
struct ForgetLinesWrite {
  Status result;
};

struct RetentionStep {
  std::string after_device;
  bool devices_done = false;
  bool done = false;       // there is no further step
  std::uint64_t rows = 0;  // forgotten by this step
  std::uint64_t sets = 0;  // likewise, of software
};
// Forgets the past up to a moment, a few devices at a time, so that nobody waits long: what ended by then, and all of a
// device that was revoked by then but who it was. Then, in steps of their own, what nothing refers to any more: sets of
// software, runs of exports, tokens. Items of the dictionary stay: each is a version that was seen, and small; so does
// the journal, whose chain has no gaps.
struct RetentionWrite {
  UnixTime keep_since = 0;    // moments from then on can still be asked about
  std::string after_device;   // `after_device` of the last step; empty: the first one
  bool devices_done = false;  // likewise
  Result<RetentionStep> result;
};

// One entry of the audit journal, a hash chain: entry n's hash is the SHA-256 of entry n-1's hash and of its own
// fields.
struct JournalWrite {
  UnixTime at = 0;
  std::string actor;   // "admin/NAME", "device/ID", "collector"
  std::string action;  // "token.create", "device.enrol", …
  std::string detail;  // no secrets
  Status result;
};

// Who has the lease after the write: by its turn, which is another one after each renewal, others see that its holder
// lives.
struct LeaseTurn {
  std::string holder;  // empty: nobody
  std::uint64_t turn = 0;
};
// Takes a lease that nobody has, or renews one's own; of several collectors one gets it.
struct LeaseWrite {
  std::string name;
  std::string holder;                      // who asks
  std::optional<std::uint64_t> take_turn;  // takes the lease from another holder, if this is still its turn
  bool resign = false;                     // gives one's own back instead
  Result<LeaseTurn> result;
};

using StoreWrite =
    std::variant<TokenWrite, EnrolWrite, RenewWrite, CheckInWrite, ReportWrite, RevokeWrite, FindingsWrite, WaiveWrite,
                 ExportRunWrite, LeaseWrite, ForgetLinesWrite, RetentionWrite, JournalWrite>;

// --- reads ----------------------------------------------------------------------------------------------------

using SqlValue = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

struct SelectRequest {
  std::string sql;  // one SELECT (or WITH … SELECT) on the views; parameters are :name
  std::map<std::string, SqlValue> parameters;
  std::optional<std::int64_t> limit_ms;  // wall time; kDeadlineExceeded past it
  std::optional<std::int64_t> max_rows;  // kResourceExhausted past it, after that many rows were given
  // Written by somebody who asks, not by whoever runs the collector: such SELECTs have few connections of their own,
  // wait for one within limit_ms (then kResourceExhausted), and are bounded in memory (VIEWS.md).
  bool foreign = false;
};

// Called once for each row; `columns` is the same vector each time. Return false to stop.
using RowSink = std::function<bool(std::span<const std::string> columns, std::span<const SqlValue> values)>;

// Number of an item of the software dictionary (software_id of the views).
using ItemId = std::uint32_t;

struct SoftwareScan {
  std::string device_id;                     // empty: every device that is not revoked
  std::optional<std::vector<ItemId>> items;  // only these; absent: all
  std::optional<UnixTime> at;                // as of then, devices revoked since included; absent: now
  std::optional<std::int64_t> limit_ms;      // as SelectRequest has it
};

// One item on one device. Valid during the call that gives it.
struct Installation {
  std::string_view device_id;
  std::string_view hostname;
  ItemId item_id = 0;
  const v1::Software& item;  // fields 1 to 15
  std::optional<UnixTime> installed_at;
};

// Return false to stop.
using InstallationSink = std::function<bool(const Installation& installation)>;

// Called now and then with what is done and, as far as it is known, what there is. Return false to stop (kAborted).
using VerifyProgress = std::function<bool(std::uint64_t done, std::uint64_t of)>;

struct LedgerChanges {
  std::uint64_t count = 0;
  // Devices changed since, each once; absent: too many to name.
  std::optional<std::vector<std::string>> devices;
};

struct TokenGrant {
  std::string device_id;  // empty: a new device
};

enum class DeviceStatus { kEnrolled, kActive, kRevoked };

class Store {
 public:
  virtual ~Store() = default;

  virtual Status Commit(std::span<StoreWrite> batch) = 0;

  // kInvalidArgument: not a single SELECT on the views, or it does not compile; the message has the engine's words.
  // Columns are reported to `columns_out` (may be null) even if there is no row.
  virtual Status Select(const SelectRequest& request, const RowSink& sink,
                        std::vector<std::string>* columns_out = nullptr) const = 0;

  // Software on devices, of one moment: by host name and device, then by name, architecture and version (or, where only
  // some items are asked for, in the order of those).
  virtual Status ScanSoftware(const SoftwareScan& scan, const InstallationSink& sink) const = 0;

  // kPermissionDenied: unknown, used or expired. Does not burn it.
  virtual Result<TokenGrant> FindToken(std::string_view token_hash, UnixTime now) const = 0;

  // kNotFound: no such device.
  virtual Result<DeviceStatus> FindDevice(std::string_view device_id) const = 0;

  // Rows of a section, ordered, byte for byte as the agent made them: those held now, or at `at`. Empty if nothing is,
  // or was, held. kDataLoss: they have not the digest of what was reported.
  virtual Result<Rows> SectionRows(std::string_view device_id, std::string_view section,
                                   std::optional<UnixTime> at = {}) const = 0;

  // Recomputes everything that can be: the digest of each section, now and in each of its periods, which must follow
  // each other; the names of sets and items; the journal's chain, and whether the tables have what it says was done; on
  // SQLite the file's pages first. kDataLoss: the first thing that is not right, and
  // where. Goes piece by piece, each device at one moment, beside whatever is written meanwhile. kResourceExhausted:
  // another one is under way.
  virtual Result<VerifyCounts> Verify(const VerifyProgress& progress) const = 0;

  // What this process has committed that a judgement may depend on: reports that changed something, check-ins that said
  // something new, enrolments, revocations. `since`: the count of an earlier answer. What other collectors of the same
  // ledger commit is not in it.
  virtual LedgerChanges ChangesSince(std::uint64_t since) const = 0;
};

}  // namespace daicho::collector
