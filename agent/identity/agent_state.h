// Where the agent keeps what must survive a restart. Every file is replaced in one step; a lost or damaged file costs
// one full report (or, for identity/, one enrolment) and nothing else.
//
//   agent.toml                  collectors of this device (config.h)
//   identity/key.pem            private key, 0600; never leaves the machine
//   identity/certificate.pem    device certificate; carries the device id
//   identity/ca.pem             the one authority whose collectors are trusted
//   identity/continuation.bin   where the conversation with the collector is (continuation.h)
//   identity/unanswered.bin     the last question that was not answered (likewise)
//   acknowledged/SECTION.rows   rows the collector has on disk (row_file.h)
//   evidence.rows               account rows with all evidence of use seen so far (row_file.h)
//   last_cycle.toml             result and cost of the last cycle (cycle/cycle_record.h)
//   lock                        held while a cycle runs
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"

namespace daicho::agent {

// Paths below the state folder. Immutable; thread-safe.
class AgentState {
 public:
  explicit AgentState(std::string folder) : folder_(std::move(folder)) {}

  const std::string& Folder() const { return folder_; }
  std::string Config() const { return folder_ + "/agent.toml"; }
  std::string IdentityFolder() const { return folder_ + "/identity"; }
  std::string Key() const { return IdentityFolder() + "/key.pem"; }
  std::string Certificate() const { return IdentityFolder() + "/certificate.pem"; }
  std::string Continuation() const { return IdentityFolder() + "/continuation.bin"; }
  std::string UnansweredLine() const { return IdentityFolder() + "/unanswered.bin"; }
  std::string Authority() const { return IdentityFolder() + "/ca.pem"; }
  std::string AcknowledgedFolder() const { return folder_ + "/acknowledged"; }
  std::string Acknowledged(std::string_view section) const {
    return AcknowledgedFolder() + "/" + std::string(section) + ".rows";
  }
  std::string Evidence() const { return folder_ + "/evidence.rows"; }
  std::string LastCycle() const { return folder_ + "/last_cycle.toml"; }
  std::string Lock() const { return folder_ + "/lock"; }

 private:
  std::string folder_;
};

// Removes temporary files that a killed process left beside the state files. Only under the cycle's lock.
void RemoveLeftovers(const AgentState& state);

// Held while a cycle runs, so that `cycle` and a resident agent do not write the same files. Released by the destructor
// and by the kernel when the process dies.
class StateLock {
 public:
  // kFailedPrecondition: another process has it; kNotFound, kPermissionDenied: the folder cannot be used.
  static Result<StateLock> Take(const AgentState& state);
  StateLock(StateLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  StateLock& operator=(StateLock&& other) noexcept;
  ~StateLock();

 private:
  explicit StateLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace daicho::agent
