#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <filesystem>

#include "agent/collect/snapshot.h"
#include "agent/commands/commands.h"
#include "agent/commands/endpoint_input.h"
#include "agent/commands/print.h"
#include "agent/cycle/collection.h"
#include "agent/cycle/cycle_record.h"
#include "agent/identity/identity.h"
#include "agent/supervisor/cycle_run.h"
#include "agent/supervisor/resident.h"
#include "agent/supervisor/sandbox.h"
#include "common/exit_code.h"

namespace daicho::agent {

namespace {

struct Options {
  std::string state = kDefaultStateFolder;
  std::string root = "/";
  bool json = false;
  ScheduleSettings schedule;
};

void AddStateAndRoot(CLI::App& command, Options& options) {
  command.add_option("--state", options.state, "state folder of the agent")->capture_default_str();
  command.add_option("--root", options.root, "folder with the files of a system")->capture_default_str();
}

// Absolute, because children start with it. Fails early, with the reason, where the children could only fail each time.
Result<CyclePrograms> Programs(Options& options) {
  std::error_code error;
  options.state = std::filesystem::absolute(options.state, error).string();
  options.root = std::filesystem::absolute(options.root, error).string();
  if (auto config = LoadConfig(AgentState(options.state)); !config) return std::unexpected(std::move(config.error()));
  if (!IsEnrolled(AgentState(options.state))) {
    return Fail(Code::kFailedPrecondition, options.state + ": this device is not enrolled; run daicho-agent enrol");
  }
  // The children have no right to write where root is not the owner; each would only say "permission denied".
  struct stat folder{};
  if (::stat(options.state.c_str(), &folder) == 0 && folder.st_uid != ::geteuid()) {
    return Fail(Code::kFailedPrecondition, options.state + ": belongs to user id " + std::to_string(folder.st_uid) +
                                               "; run as that user, or give it to yours (chown -R)");
  }
  return InstalledPrograms(AgentState(options.state), options.root);
}

std::string ForPeople(const CycleRecord& record) {
  std::string text = Summary(record) + "\n";
  text += "bytes out " + std::to_string(record.bytes_out) + ", in " + std::to_string(record.bytes_in) +
          "; largest process " + std::to_string(record.peak_rss_kib) + " KiB\n";
  for (const SectionRecord& section : record.sections) {
    text += "  " + section.name + ": " + section.status + ", " + std::to_string(section.rows) + " rows, " +
            section.outcome + (section.message.empty() ? "" : ": " + section.message) + "\n";
  }
  return text;
}

bool WasNotTaken(const SectionRecord& section) {
  return section.outcome == "REJECTED" || section.outcome == "NEED_FULL" || section.outcome == "NO_ANSWER" ||
         (section.outcome == "NOT_SENT" && section.status != "FAILED");
}

int Cycle(Options options) {
  const auto programs = Programs(options);
  if (!programs) return Complain(programs.error());
  const auto record = RunOneCycle(AgentState(options.state), *programs, SystemClock());
  if (!record) return Complain(record.error());
  Print(options.json ? CycleRecordJson(*record) + "\n" : ForPeople(*record));
  for (const std::string& warning : record->warnings) Complain({Code::kInternal, warning});
  if (!record->CheckedIn()) return Complain({static_cast<Code>(record->code), record->message});
  const bool refused = std::any_of(record->sections.begin(), record->sections.end(), WasNotTaken);
  return static_cast<int>(refused ? ExitCode::kBadData : ExitCode::kDone);
}

int Run(Options options) {
  const auto programs = Programs(options);
  if (!programs) return Complain(programs.error());
  const auto done = RunResident({AgentState(options.state), *programs, options.schedule}, SystemClock());
  return done ? static_cast<int>(ExitCode::kDone) : Complain(done.error());
}

int CollectSections(const Options& options) {
  ExitAtMemoryCeiling();
  std::signal(SIGPIPE, SIG_IGN);
  if (const auto forbidden = ForbidOtherPrograms(); !forbidden) return Complain(forbidden.error());
  const auto sources = SelectSources({});
  if (!sources) return Complain(sources.error());
  const auto endpoint = EndpointInput::Open(options.root);
  if (!endpoint) return Complain(endpoint.error());
  const auto written =
      CollectIntoPipe(*sources, endpoint->At(SystemClock().Now()), AgentState(options.state).Evidence(), STDOUT_FILENO);
  return written ? static_cast<int>(ExitCode::kDone) : Complain(written.error());
}

}  // namespace

void AddCycle(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("cycle", "Collect once and check in with the collector.");
  AddStateAndRoot(*command, *options);
  command->add_flag("--json", options->json, "the result as one JSON object");
  command->footer(HelpFooter("daicho-agent cycle --state /var/lib/daicho-agent --json"));
  command->callback([&action, options] { action = [options] { return Cycle(*options); }; });
}

void AddRun(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("run", "Stay and check in whenever the collector wants it.");
  AddStateAndRoot(*command, *options);
  command
      ->add_option("--start-delay", options->schedule.start_delay_seconds, "seconds within which the first cycle comes")
      ->capture_default_str();
  command
      ->add_option("--interval-limit", options->schedule.interval_limit_seconds,
                   "longest pause between cycles, seconds")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->footer(HelpFooter("daicho-agent run --state /var/lib/daicho-agent") +
                  "\nSIGTERM and SIGINT end it at once, exit code 0.");
  command->callback([&action, options] { action = [options] { return Run(*options); }; });
}

void AddCollect(CLI::App& app, Action& action) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("collect", "Started by cycle and run: writes the sections to standard output.");
  command->group("");
  AddStateAndRoot(*command, *options);
  command->callback([&action, options] { action = [options] { return CollectSections(*options); }; });
}

}  // namespace daicho::agent
