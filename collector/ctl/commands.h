// The command line of `daicho`: each function adds one group of sub-commands. A parsed sub-command leaves its action in
// `chosen`; nothing runs while the line is being parsed.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "collector/ctl/context.h"
#include "collector/ctl/texts.h"

namespace daicho::collector {

using Action = std::function<ExitCode(Context&)>;

struct CommandLine {
  CLI::App& app;
  Language language;
  Action& chosen;

  std::string Help(Text text) const { return std::string(Say(language, text)); }

  // A sub-command of `parent`; its --help ends with `example`, the exit codes and, if given, what they mean here.
  CLI::App* Add(CLI::App& parent, const std::string& name, Text about, const std::string& example,
                Text exits = Text::kCount) const;
};

void AddTokenCommands(const CommandLine& line);    // token create
void AddDeviceCommands(const CommandLine& line);   // devices, revoke
void AddShowCommand(const CommandLine& line);      // show
void AddListCommands(const CommandLine& line);     // software, accounts
void AddFindingCommands(const CommandLine& line);  // findings, waive, checklist
void AddQueryCommand(const CommandLine& line);     // query
void AddExportCommands(const CommandLine& line);   // export, exports
void AddHistoryCommands(const CommandLine& line);  // diff, verify
void AddHealthCommand(const CommandLine& line);    // health

}  // namespace daicho::collector
