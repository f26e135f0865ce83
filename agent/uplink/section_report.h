// What the uplink says about each section: state for the check-in, delta for the report. No gRPC; thread-compatible.
#pragma once

#include <string>
#include <vector>

#include "agent/cycle/section_pipe.h"
#include "agent/identity/agent_state.h"
#include "common/clock.h"
#include "common/delta.h"
#include "common/error.h"
#include "daicho/v1/agent.pb.h"
#include "daicho/v1/facts.pb.h"

namespace daicho::agent {

// Rows the collector has confirmed to have on disk. A file that is damaged or missing counts as none: the next report
// of that section is a full one.
class AcknowledgedRows {
 public:
  explicit AcknowledgedRows(AgentState state) : state_(std::move(state)) {}

  // Digest without loading the rows; empty: none.
  std::string Digest(const std::string& section) const;
  Result<Rows> Load(const std::string& section) const;
  Status Save(const std::string& section, UnixTime time, const Rows& ordered) const;

 private:
  AgentState state_;
};

// One section, ready to be reported.
class SectionReport {
 public:
  // Orders the rows and takes their digest. A row over kMaxRowBytes is left out: an issue, and the section is PARTIAL;
  // a section over kMaxSectionRows is FAILED. The rows of a PARTIAL section are laid over the acknowledged ones by
  // their key (common/partial_rows.h), so that what was not seen this time stays. Reason and issues are cut to the
  // limits of common/protocol.h.
  SectionReport(v1::Section section, const AcknowledgedRows& acknowledged);

  const v1::SectionState& State() const { return state_; }

  // The rows that the state's digest is of, ordered.
  const Rows& ReportedRows() const { return rows_; }

  // The change against `base_digest`, if it is the acknowledged state; otherwise everything.
  v1::SectionDelta Change(const std::string& base_digest, const AcknowledgedRows& acknowledged) const;

  // Everything. For a PARTIAL section only what was seen this time: the collector merges it into what it knows.
  v1::SectionDelta Everything() const;

 private:
  void DropOversizedRows(v1::Section& section);
  void LayOverAcknowledged(const AcknowledgedRows& acknowledged);
  void CopyIssues(const v1::Section& section);

  v1::SectionState state_;
  Rows rows_;
  Rows seen_;  // PARTIAL laid over acknowledged rows: only what was seen this time
  bool laid_over_ = false;
};

}  // namespace daicho::agent
