// What one cycle did and cost. The uplink writes its part to its standard output; the parent adds cost and time and
// keeps it as last_cycle.toml, where the next uplink finds what to report and `status` what to show. TOML 1.0.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/identity/agent_state.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::agent {

struct SectionRecord {
  std::string name;
  std::string status;  // "OK", "PARTIAL", "FAILED"
  std::uint32_t rows = 0;
  std::string outcome;  // "UNCHANGED", "NOT_SENT", or a SectionOutcome name: "APPLIED", "MERGED", "REJECTED", …
  std::string message;  // reason of a status or outcome that is not well; empty otherwise
};

struct CycleRecord {
  UnixTime started_at = 0;
  UnixTime finished_at = 0;
  UnixTime next_at = 0;                     // of a resident agent; 0: none
  int code = 0;                             // 0: checked in; otherwise a number of daicho::Code
  std::string message;                      // why not, or what a person should know
  std::uint32_t next_check_in_seconds = 0;  // as the collector asked; 0: it did not
  std::uint32_t retry_after_seconds = 0;    // the collector is busy and asked for this pause; 0: it did not
  std::uint32_t cpu_ms = 0;                 // user and system, all processes of the cycle
  std::uint32_t peak_rss_kib = 0;           // of the largest process
  std::uint32_t bytes_out = 0;              // on the TCP connections, TLS included, TCP/IP headers not
  std::uint32_t bytes_in = 0;
  std::vector<std::string> sections_sent;  // whose rows were sent
  std::vector<std::string> overruns;       // ceilings hit that no collector has been told of yet
  std::vector<std::string> warnings;
  std::vector<SectionRecord> sections;

  bool CheckedIn() const { return code == 0; }
};

std::string FormatCycleRecord(const CycleRecord& record);

// Unknown keys are ignored (an older agent may read a newer one's). kDataLoss: not TOML, or a value of the wrong type;
// message: file:line:column.
Result<CycleRecord> ParseCycleRecord(std::string_view toml, const std::string& file);

// last_cycle.toml. Load: kNotFound: no cycle has run yet.
Status SaveCycleRecord(const AgentState& state, const CycleRecord& record);
Result<CycleRecord> LoadCycleRecord(const AgentState& state);

// One JSON object on one line, the form of `daicho-agent cycle --json`. Times that are not known are left out.
std::string CycleRecordJson(const CycleRecord& record);

}  // namespace daicho::agent
