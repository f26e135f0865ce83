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

Status SaveUnanswered(const AgentState& state, const v1::DeviceLine& line) {
  v1::DeviceLine kept;
  kept.set_continuation(line.continuation());
  kept.set_instance(line.instance());
  return WriteFileAtomically(state.UnansweredLine(), kept.SerializeAsString());
}

std::string LoadUnansweredInstance(const AgentState& state, std::string_view continuation) {
  const auto bytes = ReadFile(state.UnansweredLine(), 3 * kMaxLineIdBytes);
  v1::DeviceLine line;
  // It is not removed when an answer comes: from then on the continuation is another one.
  if (!bytes || !line.ParseFromString(*bytes) || line.continuation() != continuation) return {};
  return line.instance();
}

}  // namespace daicho::agent
