// An empty state folder of an agent, gone with the object.
#pragma once

#include "agent/identity/agent_state.h"
#include "tests/temporary_folder.h"

namespace daicho::agent {

class StateFolder {
  const TemporaryFolder folder_;

 public:
  const AgentState state{folder_.path()};
};

}  // namespace daicho::agent
