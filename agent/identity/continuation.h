// What the collector said last for this device to go on from (DeviceLine of agent.proto). With a new enrolment it goes
// with the rest of the identity. Thread-safe: functions on files.
#pragma once

#include <string>
#include <string_view>

#include "agent/identity/agent_state.h"
#include "common/error.h"
#include "daicho/v1/agent.pb.h"

namespace daicho::agent {

// Empty: none, or one that cannot be read; the collector then takes its time to know this device.
std::string LoadContinuation(const AgentState& state);

// On disk when it returns a success.
Status SaveContinuation(const AgentState& state, std::string_view continuation);

// A check-in may be taken and its answer lost. Whoever asks again from the same place is known by the instance that
// asked (`line`), also after a restart. Errors: those of files.
Status SaveUnanswered(const AgentState& state, const v1::DeviceLine& line);

// Instance that asked from this continuation and got no answer; empty: there was none.
std::string LoadUnansweredInstance(const AgentState& state, std::string_view continuation);

}  // namespace daicho::agent
