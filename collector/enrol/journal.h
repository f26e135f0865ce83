// Writes to the audit journal. The log has the calls; what they were about stands here alone. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "collector/log/minute_limit.h"
#include "collector/store/group_committer.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

class Journal {
 public:
  using Then = std::move_only_function<void(Status)>;

  // Refusals of one minute that are journaled one by one.
  static constexpr int kRefusalsPerMinute = 60;

  // Entries that are kept while the store takes no writes.
  static constexpr std::size_t kMostKept = 1'000;

  // Both must outlive this.
  Journal(GroupCommitter& committer, const Clock& clock) : committer_(committer), clock_(clock) {}

  // Returns when the entry is on disk. `detail` carries no secret; bytes that are no text are replaced.
  Status Write(const std::string& actor, const std::string& action, const std::string& detail);
  // The same without waiting: `then` is called when the entry is on disk, or failed. It must not block.
  void WriteThen(const std::string& actor, const std::string& action, const std::string& detail, Then then);

  // For a call that only looks, which a full disk must not stop: as Write, but an entry that the store does not take,
  // or probably would not, is kept, with its time, and the call may go on (the log has it). The store's error if
  // kMostKept are kept already.
  Status WriteOrKeep(const std::string& actor, const std::string& action, const std::string& detail);
  bool HasKept() const;
  // Writes what is kept, without waiting; what the store does not take again stays kept.
  void WriteKept();

  // Anyone who reaches the port can cause refusals, as many as he likes. So that nobody fills the disk with them, those
  // beyond kRefusalsPerMinute are only counted, and the count is journaled with the next minute's first refusal.
  void WriteRefusal(const std::string& actor, const std::string& action, const std::string& detail);
  // As WriteThen; a refusal that was only counted is a success.
  void WriteRefusalThen(const std::string& actor, const std::string& action, const std::string& detail, Then then);

 private:
  // Whoever is told of a write may be told after this is gone.
  struct Kept {
    bool Add(JournalWrite entry);  // false: it is full

    std::mutex mutex;
    std::vector<JournalWrite> entries;
  };

  JournalWrite EntryOf(const std::string& actor, const std::string& action, const std::string& detail) const;
  void Submit(JournalWrite entry, Then then);
  // Refusals that were only counted and are due to be told; nothing if this one is over the limit.
  bool Admit(std::uint64_t& untold);

  GroupCommitter& committer_;
  const Clock& clock_;
  const std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
  std::mutex mutex_;
  MinuteLimit refusals_{kRefusalsPerMinute};
};

}  // namespace daicho::collector
