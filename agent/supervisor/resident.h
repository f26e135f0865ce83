// The resident agent: sleeps until a cycle is due, runs it, sleeps again. Holds nothing between cycles but timers.
#pragma once

#include <string>

#include "agent/identity/agent_state.h"
#include "agent/supervisor/cycle_run.h"
#include "agent/supervisor/schedule.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::agent {

struct ResidentOptions {
  AgentState state;
  CyclePrograms programs;
  ScheduleSettings schedule;
};

// Returns when SIGTERM or SIGINT comes, at once, with all children killed. Tells the service manager READY, STATUS and
// STOPPING; one line a cycle goes to standard error.
Status RunResident(const ResidentOptions& options, const Clock& clock);

// "checked in, 2 sections sent, 21 ms CPU; next 2026-11-23T06:00:00Z": for the log and the service manager's status.
std::string Summary(const CycleRecord& record);

}  // namespace daicho::agent
