// One cycle seen from the parent: starts collection and uplink joined by a pipe, waits for both under their ceilings,
// and keeps the result (last_cycle.toml). Not thread-safe.
#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/cycle/cycle_record.h"
#include "agent/identity/agent_state.h"
#include "agent/supervisor/children.h"
#include "agent/supervisor/limits.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::agent {

struct CyclePrograms {
  std::vector<std::string> collection;  // absolute path and arguments; writes the pipe to its standard output
  std::vector<std::string> uplink;      // reads the pipe from standard input, writes a CycleRecord to standard output
  ChildLimits collection_limits = CollectionLimits();
  ChildLimits uplink_limits = UplinkLimits();
  Sandbox collection_sandbox = {};
  Sandbox uplink_sandbox = {};
};

// The installed programs: this one as `collect` and daicho-uplink beside it, for the given state and root ("/": the
// running system). Each call makes an instance (DeviceLine of agent.proto): one for as long as the process lives.
// kInternal: the path of this program is not known, or there are no random bytes.
Result<CyclePrograms> InstalledPrograms(const AgentState& state, const std::string& root);

class CycleRun {
 public:
  using Done = std::function<void(CycleRecord)>;

  // `children` and `clock` outlive this object.
  CycleRun(Children& children, const Clock& clock, AgentState state, CyclePrograms programs);

  // `done` is called once, from the io_context, also when a child could not be started. Errors: as StateLock::Take;
  // then `done` is not called.
  Status Start(Done done);

 private:
  void StartChildren();
  void Ended(const ChildLimits& limits, const ChildEnd& end);
  void Finish();
  void AddOwnCost(CycleRecord& record) const;
  CycleRecord UplinkRecord();
  void CarryOverruns(CycleRecord& record) const;

  Children& children_;
  const Clock& clock_;
  AgentState state_;
  CyclePrograms programs_;
  Done done_;
  std::optional<StateLock> lock_;
  UniqueFd answer_;
  int running_ = 0;
  UnixTime started_at_ = 0;
  std::uint64_t own_cpu_at_start_ = 0;  // microseconds
  std::uint64_t child_cpu_ = 0;         // microseconds
  std::uint32_t peak_rss_kib_ = 0;
  std::optional<ChildEnd> uplink_end_;
  std::vector<std::string> overruns_;
  std::vector<std::string> warnings_;
};

// For a command: one cycle, start to end. kAborted: stopped by SIGTERM or SIGINT.
Result<CycleRecord> RunOneCycle(const AgentState& state, const CyclePrograms& programs, const Clock& clock);

}  // namespace daicho::agent
