#include "collector/ctl/commands.h"
#include "common/json.h"

namespace daicho::collector {

namespace {

ExitCode AskHealth(Context& context) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  const std::string& endpoint = (*session)->endpoint();
  const auto serving = (*session)->IsServing();
  if (!serving) return context.Report(serving.error());
  if (context.json()) {
    std::string line = "{\"endpoint\":";
    AppendJsonString(endpoint, line);
    context.PrintLine(line + ",\"status\":\"" + (*serving ? "SERVING" : "NOT_SERVING") + "\"}");
  } else {
    context.PrintLine(context.Say(*serving ? Text::kServing : Text::kNotServing, {endpoint}));
  }
  return *serving ? ExitCode::kDone : ExitCode::kFindings;
}

}  // namespace

void AddHealthCommand(const CommandLine& line) {
  CLI::App* health = line.Add(line.app, "health", Text::kAboutHealth, "daicho health", Text::kExitHealth);
  health->callback([&chosen = line.chosen] { chosen = AskHealth; });
}

}  // namespace daicho::collector
