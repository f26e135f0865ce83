// An empty state folder of an agent, gone with the object.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "agent/identity/agent_state.h"

namespace daicho::agent {

class StateFolder {
 public:
  StateFolder() : state(MakeFolder()) {}
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;
  ~StateFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(state.Folder(), ignored);
  }
  const AgentState state;

 private:
  static std::string MakeFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "daicho-state-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    return name;
  }
};

}  // namespace daicho::agent
