// Writes to the audit journal. The log has the calls; what they were about stands here alone. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

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

  // Both must outlive this.
  Journal(GroupCommitter& committer, const Clock& clock) : committer_(committer), clock_(clock) {}

  // Returns when the entry is on disk. `detail` carries no secret; bytes that are no text are replaced.
  Status Write(const std::string& actor, const std::string& action, const std::string& detail);
  // The same without waiting: `then` is called when the entry is on disk, or failed. It must not block.
  void WriteThen(const std::string& actor, const std::string& action, const std::string& detail, Then then);

  // Anyone who reaches the port can cause refusals, as many as he likes. So that nobody fills the disk with them, those
  // beyond kRefusalsPerMinute are only counted, and the count is journaled with the next minute's first refusal.
  void WriteRefusal(const std::string& actor, const std::string& action, const std::string& detail);
  // As WriteThen; a refusal that was only counted is a success.
  void WriteRefusalThen(const std::string& actor, const std::string& action, const std::string& detail, Then then);

 private:
  // Refusals that were only counted and are due to be told; nothing if this one is over the limit.
  bool Admit(std::uint64_t& untold);

  GroupCommitter& committer_;
  const Clock& clock_;
  std::mutex mutex_;
  MinuteLimit refusals_{kRefusalsPerMinute};
};

}  // namespace daicho::collector
