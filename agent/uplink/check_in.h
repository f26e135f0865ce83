// One check-in with a collector (DESIGN §5): states and digests first, then only the rows it wants. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/cycle/cycle_record.h"
#include "agent/cycle/section_pipe.h"
#include "agent/identity/identity.h"
#include "agent/uplink/section_report.h"
#include "agent/uplink/session.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::agent {

struct CheckInInput {
  AgentState state;
  Identity identity;
  std::string agent_version;
  std::string instance;  // at most kMaxLineIdBytes; random, the same as long as the agent runs; one that got no
                         // answer from here before goes on instead (continuation.h)
  Collected collected;
  CycleRecord last_cycle;  // cost and overruns to report; empty if there was none
};

class CheckIn {
 public:
  CheckIn(CheckInInput input, const Clock& clock);

  // Tries the sessions in their order until one collector answers, then does everything with that one. The record has
  // code, message, intervals, sections_sent, warnings and sections; cost and bytes are the caller's to add.
  CycleRecord Run(std::vector<std::unique_ptr<UplinkSession>>& sessions);

 private:
  Result<v1::CheckInResponse> Ask(std::vector<std::unique_ptr<UplinkSession>>& sessions);
  void NoteUnanswered();
  void GoOnFrom(const std::string& continuation);
  Status SendWanted(const v1::CheckInResponse& answer);
  Status Send(std::vector<v1::SectionDelta> deltas, bool full);
  Status SendBatch(v1::ReportRequest& request, bool full);
  void TakeResult(const v1::SectionResult& result, const v1::SectionDelta& sent, bool full);
  void RenewCertificate(UnixTime now);
  SectionReport* FindReport(const std::string& name);
  SectionRecord& RecordOf(const std::string& name);
  void Judge();

  CheckInInput input_;
  const Clock& clock_;
  v1::DeviceLine line_;
  AcknowledgedRows acknowledged_;
  std::vector<SectionReport> reports_;
  UplinkSession* session_ = nullptr;
  std::vector<std::string> need_full_;
  CycleRecord record_;
};

// True from half of the certificate's life on. `now` is the collector's time where it is known: it judges the
// certificate, and this machine's clock may be wrong.
bool RenewalIsDue(const Identity& identity, UnixTime now);

}  // namespace daicho::agent
