// The commands of daicho-agent. Each adds itself to the command line; its action runs after the command line is gone,
// so that a resident agent does not carry the parser's memory.
#pragma once

#include <functional>
#include <string>

namespace CLI {
class App;
}

namespace daicho::agent {

// Returns the exit code (common/exit_code.h).
using Action = std::function<int()>;

void AddSnapshot(CLI::App& app, Action& action);
void AddEnrol(CLI::App& app, Action& action, const std::string& agent_version);
void AddCycle(CLI::App& app, Action& action);
void AddRun(CLI::App& app, Action& action);
void AddStatus(CLI::App& app, Action& action);
void AddCollect(CLI::App& app, Action& action);  // hidden: the collection process of a cycle

}  // namespace daicho::agent
