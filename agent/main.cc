// daicho-agent: collects what this machine says about itself. No gRPC in it; the network is daicho-uplink's.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "agent/commands/commands.h"
#include "common/exit_code.h"

namespace {

constexpr int kUsage = static_cast<int>(daicho::ExitCode::kUsage);

// The parser is gone when this returns. Empty action: it has said everything, `exit_code` is the answer.
daicho::agent::Action ParseCommandLine(int argc, char** argv, int& exit_code) {
  daicho::agent::Action action;
  CLI::App app("Reports software and accounts of this machine to a Daicho collector.", "daicho-agent");
  app.set_version_flag("--version", DAICHO_VERSION);
  app.require_subcommand(1);
  app.footer(std::string("Example: daicho-agent snapshot --section software --json\n") + daicho::kExitCodesHelp);
  daicho::agent::AddSnapshot(app, action);
  daicho::agent::AddEnrol(app, action, DAICHO_VERSION);
  daicho::agent::AddCycle(app, action);
  daicho::agent::AddRun(app, action);
  daicho::agent::AddStatus(app, action);
  daicho::agent::AddCollect(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : kUsage;
    return {};
  }
  return action;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    int exit_code = kUsage;
    const daicho::agent::Action action = ParseCommandLine(argc, argv, exit_code);
    return action ? action() : exit_code;
  } catch (const std::exception& error) {  // a library's: out of memory, a path that is no text
    std::fprintf(stderr, "daicho-agent: %s\n", error.what());
    return static_cast<int>(daicho::ExitCode::kBadData);
  }
}
