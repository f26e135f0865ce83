#include "agent/identity/continuation.h"

#include "common/files.h"
#include "common/protocol.h"

namespace daicho::agent {

std::string LoadContinuation(const AgentState& state) {
  return ReadFile(state.Continuation(), kMaxLineIdBytes).value_or(std::string());
}

Status SaveContinuation(const AgentState& state, std::string_view continuation) {
  return WriteFileAtomically(state.Continuation(), continuation);
}

}  // namespace daicho::agent
