// The part of a ledger's proof that is about the audit journal: its chain, and whether the tables still have what it
// says was done (effects.h; enrolments, renewals and what was forgotten, which their services journal once they are
// done). Threads: as the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "collector/store/journal_hash.h"
#include "collector/store/proof_run.h"

namespace daicho::collector {

class JournalProof {
 public:
  // `run` must outlive this.
  explicit JournalProof(ProofRun& run) : run_(run) {}

  // kDataLoss: the first entry that is not right, or not true any more; the engine's errors.
  Status Prove();

  std::uint64_t entries() const { return entries_; }

 private:
  // What the journal says, by what it says it of. Entries are named by their number.
  struct Made {
    std::int64_t entry = 0;
    UnixTime at = 0;
    std::string actor;
    std::string expires;
    std::string device_id;
  };
  struct Use {
    std::int64_t entry = 0;
    UnixTime at = 0;
    std::string device_id;
  };
  struct Token {
    std::optional<std::size_t> made;  // of made_
    std::optional<Use> use;
  };
  struct Revocation {
    std::int64_t entry = 0;
    UnixTime at = 0;
    std::string detail;
  };
  struct Device {
    std::int64_t entry = 0;  // the last that says it was given a certificate
    std::int64_t certificates = 0;
    std::optional<Revocation> revoked;
  };

  Status Head();
  Status Page(bool& at_end);
  Status End() const;

  void Note(const JournalEntry& entry);
  void NoteTokens(const JournalEntry& entry);

  // All of it in one transaction, after the entries that came meanwhile.
  Status Tables();
  // kAborted: nobody waits any more.
  Status CompareDevices();
  Status CompareTokens();
  void CompareForgotten();
  // What was there at that moment may have been forgotten since.
  bool MayBeForgotten(std::string_view time) const { return kept_since_ && time <= *kept_since_; }
  void Missed(std::int64_t entry, std::string what);

  ProofRun& run_;
  std::uint64_t entries_ = 0;
  std::int64_t head_seq_ = 0;
  std::string head_hash_;
  std::int64_t seq_ = 0;  // of the last entry proved
  std::string hash_;

  std::unordered_map<std::string, Device> devices_;
  std::vector<Made> made_;
  std::unordered_map<std::string, Token> tokens_;   // by print
  std::pair<std::int64_t, std::string> forgotten_;  // entry, and until when
  std::optional<std::string> kept_since_;           // as FormatTime has it: such texts sort as times do
  std::optional<std::pair<std::int64_t, std::string>> first_missed_;
};

}  // namespace daicho::collector
