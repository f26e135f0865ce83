#include "collector/store/journal_proof.h"

#include "collector/store/effects.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::string_view kDeviceActor = "device/";
// Journaled by the services when it was done (enrolment_service.cc, inventory_service.cc, collector/retention.cc).
constexpr std::string_view kEnrolled = "device.enrol";
constexpr std::string_view kRenewed = "device.renew";
constexpr std::string_view kForgotten = "history.forget";
constexpr std::string_view kUntil = "until ";
constexpr std::size_t kTimeLength = 20;  // 2026-04-01T00:00:00Z

// Of an entry whose actor is a device.
std::string DeviceOf(const JournalEntry& entry) { return std::string(entry.actor.substr(kDeviceActor.size())); }

}  // namespace

Status JournalProof::Prove() {
  if (const Status good = run_.AtOneMoment([this] { return Head(); }); !good) return good;
  for (bool at_end = false; !at_end;) {
    if (const Status good = run_.AtOneMoment([&] { return Page(at_end); }); !good) return good;
  }
  if (const Status good = End(); !good) return good;
  return run_.AtOneMoment([this] { return Tables(); });
}

// Entries are only ever added: the chain is proved up to the head of this moment.
Status JournalProof::Head() {
  Query head = run_.connection().Ask(
      "SELECT seq, hash, (SELECT min(e.seq) FROM journal_entry AS e WHERE e.seq < 1 OR e.seq > h.seq) "
      "FROM journal_head AS h");
  if (!head.Next()) {
    const Status good = run_.Engine("journal");
    return good ? run_.Broken("journal", "its head is missing") : good;
  }
  head_seq_ = head.Int(0);
  head_hash_ = head.Bytes(1);
  if (head.IsNull(2)) return {};
  return run_.Broken("journal entry " + std::to_string(head.Int(2)), "it is outside of the chain");
}

Status JournalProof::Page(bool& at_end) {
  Query rows = run_.connection().Ask(
      "SELECT seq, at, actor, action, detail, hash FROM journal_entry WHERE seq > ?1 AND seq <= ?2 ORDER BY seq "
      "LIMIT ?3",
      seq_, head_seq_, ProofRun::kPage);
  at_end = true;
  while (rows.Next()) {
    at_end = false;
    const std::string place = "journal entry " + std::to_string(rows.Int(0));
    if (rows.Int(0) != ++seq_) {
      return run_.Broken(place, "entry " + std::to_string(seq_) + " is missing before it");
    }
    const JournalEntry entry{seq_, rows.Int(1), rows.Text(2), rows.Text(3), rows.Text(4)};
    const std::string hash = JournalHash(hash_, entry);
    if (hash != rows.Bytes(5)) {
      return run_.Broken(place, "it, or one before it, was changed: the hash chain breaks here");
    }
    hash_ = hash;
    Note(entry);
    ++entries_;
    if (const Status on = run_.Step(); !on) return on;
  }
  return run_.Engine("table journal_entry");
}

Status JournalProof::End() const {
  if (seq_ != head_seq_) {
    return run_.Broken("journal", "entries behind number " + std::to_string(seq_) + " are missing");
  }
  if (hash_ != head_hash_) return run_.Broken("journal", "its head is not that of its last entry");
  return {};
}

void JournalProof::Note(const JournalEntry& entry) {
  const bool is_of_device = entry.actor.starts_with(kDeviceActor);
  if (is_of_device && (entry.action == kEnrolled || entry.action == kRenewed)) {
    Device& device = devices_[DeviceOf(entry)];
    device.entry = entry.seq;
    ++device.certificates;
  } else if (entry.action == kDeviceRevoked) {
    devices_[std::string(DetailField(entry.detail, "device"))].revoked = {
        .entry = entry.seq, .at = entry.at, .detail = std::string(entry.detail)};
  } else if (entry.action == kForgotten && entry.detail.starts_with(kUntil)) {
    forgotten_ = {entry.seq, std::string(entry.detail.substr(kUntil.size(), kTimeLength))};
  } else if (is_of_device && entry.action == kTokenUsed) {
    tokens_[std::string(DetailField(entry.detail, "token"))].use = {
        .entry = entry.seq, .at = entry.at, .device_id = DeviceOf(entry)};
  } else if (entry.action == kTokensCreated) {
    NoteTokens(entry);
  }
}

void JournalProof::NoteTokens(const JournalEntry& entry) {
  for (const std::string_view print : Split(DetailField(entry.detail, "tokens"), ',')) {
    tokens_[std::string(print)].made = made_.size();
  }
  made_.push_back({.entry = entry.seq,
                   .at = entry.at,
                   .actor = std::string(entry.actor),
                   .expires = std::string(DetailField(entry.detail, "expires")),
                   .device_id = std::string(DetailField(entry.detail, "device"))});
}

Status JournalProof::Tables() {
  if (const Status good = Head(); !good) return good;
  for (bool at_end = false; !at_end;) {
    if (const Status good = Page(at_end); !good) return good;
  }
  if (const Status good = End(); !good) return good;
  {
    Query kept = run_.connection().Ask("SELECT kept_since FROM history_state");
    if (kept.Next()) kept_since_ = FormatTime(kept.Int(0));
  }
  if (const Status on = CompareDevices(); !on) return on;
  if (const Status on = CompareTokens(); !on) return on;
  CompareForgotten();
  if (const Status good = run_.Engine("what the journal says was done"); !good) return good;
  if (!first_missed_) return {};
  return run_.Broken("journal entry " + std::to_string(first_missed_->first), first_missed_->second);
}

void JournalProof::Missed(std::int64_t entry, std::string what) {
  if (!first_missed_ || entry < first_missed_->first) first_missed_ = {entry, std::move(what)};
}

Status JournalProof::CompareDevices() {
  std::string after;
  for (bool at_end = false; !at_end;) {
    if (const Status on = run_.Step(); !on) return on;
    Query rows = run_.connection().Ask(
        "SELECT d.device_id, d.revoked_at, d.revoked_reason, (SELECT count(*) FROM certificate_entry AS c WHERE "
        "c.device = d.id) FROM device_entry AS d WHERE d.device_id > ?1 ORDER BY d.device_id LIMIT ?2",
        after, ProofRun::kPage);
    at_end = true;
    while (rows.Next()) {
      at_end = false;
      after = rows.Text(0);
      const auto said = devices_.extract(after);
      if (said.empty()) continue;
      const Device& device = said.mapped();
      if (rows.Int(3) < device.certificates) {
        Missed(device.entry, "device " + after + " was given " + std::to_string(device.certificates) +
                                 " certificates until then; table certificate_entry has " +
                                 std::to_string(rows.Int(3)));
      }
      if (!device.revoked) continue;
      const bool is_so = !rows.IsNull(1) && rows.Int(1) == device.revoked->at &&
                         RevokedDetail(after, rows.Text(2)) == device.revoked->detail;
      if (!is_so) {
        Missed(device.revoked->entry, "device " + after + " was revoked; table device_entry has it otherwise");
      }
    }
  }
  for (const auto& [device_id, device] : devices_) {
    Missed(device.revoked ? device.revoked->entry : device.entry,
           "device " + device_id + " is missing in table device_entry");
  }
  return {};
}

Status JournalProof::CompareTokens() {
  std::string after;
  for (bool at_end = false; !at_end;) {
    if (const Status on = run_.Step(); !on) return on;
    Query rows = run_.connection().Ask(
        "SELECT t.token_hash, t.bound, t.created_by, t.created_at, t.expires_at, t.used_at, d.device_id FROM "
        "token_entry AS t LEFT JOIN device_entry AS d ON d.id = t.device WHERE t.token_hash > ?1 ORDER BY t.token_hash "
        "LIMIT ?2",
        after, ProofRun::kPage);
    at_end = true;
    while (rows.Next()) {
      at_end = false;
      after = rows.Text(0);
      const auto said = tokens_.extract(TokenPrint(after));
      if (said.empty()) continue;
      const Token& token = said.mapped();
      if (token.made) {
        const Made& made = made_[*token.made];
        const std::string bound_to(rows.Int(1) != 0 ? rows.Text(6) : std::string_view());
        const bool is_so = rows.Int(3) == made.at && FormatTime(rows.Int(4)) == made.expires &&
                           AdminActor(rows.Text(2)) == made.actor && bound_to == made.device_id;
        if (!is_so) Missed(made.entry, "token " + said.key() + " was made otherwise than table token_entry has it");
      }
      if (!token.use) continue;
      const bool is_so = !rows.IsNull(5) && rows.Int(5) == token.use->at && rows.Text(6) == token.use->device_id;
      if (!is_so) {
        Missed(token.use->entry,
               "device " + token.use->device_id + " used token " + said.key() + "; table token_entry has it otherwise");
      }
    }
  }
  for (const auto& [print, token] : tokens_) {
    // One that was made before this was journaled ran out some time after its use.
    if (MayBeForgotten(token.made ? made_[*token.made].expires : FormatTime(token.use->at))) continue;
    Missed(token.made ? made_[*token.made].entry : token.use->entry,
           "token " + print + " is missing in table token_entry");
  }
  return {};
}

void JournalProof::CompareForgotten() {
  if (forgotten_.first == 0 || MayBeForgotten(forgotten_.second)) return;
  Missed(forgotten_.first,
         "what was until " + forgotten_.second + " was forgotten; table history_state has it otherwise");
}

}  // namespace daicho::collector
