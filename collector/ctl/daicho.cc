#include "collector/ctl/daicho.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>

#include "collector/ctl/arguments.h"
#include "collector/ctl/commands.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

struct GlobalOptions {
  std::string profile;
  std::string lang;
  bool json = false;
};

void AddGlobalOptions(const CommandLine& line, const std::string& version, GlobalOptions& options) {
  CLI::App& app = line.app;
  app.option_defaults()->group(line.Help(Text::kGroupOptions));
  app.get_formatter()->label("Usage", line.Help(Text::kLabelUsage));
  app.get_formatter()->label("Positionals", line.Help(Text::kLabelPositionals));
  app.set_help_flag("-h,--help", line.Help(Text::kOptHelp))->group(line.Help(Text::kGroupOptions));
  app.set_version_flag("--version", version, line.Help(Text::kOptVersion));
  app.add_option("--profile", options.profile, line.Help(Text::kOptProfile))->option_text("FILE");
  app.add_option("--lang", options.lang, line.Help(Text::kOptLang))
      ->check(CLI::IsMember({"ja", "en"}))
      ->option_text("ja|en");
  app.add_flag("--json", options.json, line.Help(Text::kOptJson));
  app.fallthrough();
  app.require_subcommand(1);
  app.footer("\n" + Say(line.language, Text::kExample, {"daicho findings --item B10"}) + "\n" +
             line.Help(Text::kTimesAreLocal) + "\n" + line.Help(Text::kExitCodes));
}

void AddCommands(const CommandLine& line) {
  AddTokenCommands(line);
  AddDeviceCommands(line);
  AddShowCommand(line);
  AddListCommands(line);
  AddFindingCommands(line);
  AddQueryCommand(line);
  AddExportCommands(line);
  AddHistoryCommands(line);
  AddHealthCommand(line);
}

// The last command that was understood.
const CLI::App& Deepest(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : Deepest(*chosen.front());
}

// "daicho token create": as far as the line was understood.
std::string Understood(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app.get_name() : app.get_name() + " " + Understood(*chosen.front());
}

// What is wrong with the command line. CLI11 has English words only and asks for a command without saying that it does
// not know the one that is there.
std::string UsageFault(const CLI::App& app, const CLI::Error& error, Language language) {
  const std::vector<std::string> left = app.remaining(true);
  const auto word = std::ranges::find_if(left, [](const std::string& text) { return !text.starts_with('-'); });
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    if (Deepest(app).get_require_subcommand_min() == 0) return Say(language, Text::kErrRequired, {error.what()});
    return word == left.end() ? std::string(Say(language, Text::kErrNoCommand))
                              : Say(language, Text::kErrUnknownCommand, {*word});
  }
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !left.empty()) {
    return Say(language, Text::kErrUnknownArgument, {left.front()});
  }
  return Say(language, Text::kErrArgument, {error.what()});
}

ExitCode UsageError(const CLI::App& app, const CLI::Error& error, Language language, std::ostream& err) {
  err << "daicho: " << CleanText(UsageFault(app, error, language)) << '\n'
      << Say(language, Text::kErrSeeHelp, {Understood(app)}) << '\n';
  return ExitCode::kUsage;
}

// An option or argument that was given as "": a script's variable that is not set must not mean "all". Empty: none.
std::string EmptyArgument(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (std::ranges::find(option->results(), "") != option->results().end()) return option->get_name();
  }
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? "" : EmptyArgument(*chosen.front());
}

ExitCode RunChosen(const Action& chosen, Context& context) {
  const ExitCode code = chosen(context);
  std::ostream& out = context.console().out;
  if (out.flush()) return code;
  return context.Report({Code::kResourceExhausted, context.Say(Text::kErrOutput)});
}

}  // namespace

CLI::App* CommandLine::Add(CLI::App& parent, const std::string& name, Text about, const std::string& example,
                           Text exits) const {
  CLI::App* command = parent.add_subcommand(name, Help(about));
  command->group(Help(Text::kGroupCommands));
  command->get_help_ptr()->group(Help(Text::kGroupOptions));
  command->footer("\n" + Help(Text::kGlobalOptions) + "\n" + Say(language, Text::kExample, {example}) + "\n" +
                  Help(Text::kExitCodes) + (exits == Text::kCount ? "" : "\n" + Help(exits)));
  return command;
}

ExitCode RunDaicho(const std::vector<std::string>& arguments, const std::string& version,
                   const Surroundings& surroundings) {
  const Language language = ChooseLanguage(arguments, surroundings.environment);
  Console& console = surroundings.console;
  if (const auto odd = std::ranges::find_if_not(arguments, IsUtf8); odd != arguments.end()) {
    console.err << "daicho: " << Say(language, Text::kErrNotUtf8, {CleanText(*odd)}) << '\n';
    return ExitCode::kUsage;
  }
  CLI::App app(std::string(Say(language, Text::kAbout)), "daicho");
  GlobalOptions options;
  Action chosen;
  try {
    const CommandLine line{app, language, chosen};
    AddGlobalOptions(line, "daicho " + version, options);
    AddCommands(line);
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 wants them reversed
  } catch (const CLI::Success& success) {                                       // --help, --version
    app.exit(success, console.out, console.err);
    return ExitCode::kDone;
  } catch (const CLI::Error& error) {
    return UsageError(app, error, language, console.err);
  } catch (const std::exception& error) {
    console.err << "daicho: " << error.what() << '\n';
    return ExitCode::kBadData;
  }
  if (const std::string name = EmptyArgument(app); !name.empty()) {
    console.err << "daicho: " << Say(language, Text::kErrEmptyArgument, {name}) << '\n'
                << Say(language, Text::kErrSeeHelp, {Understood(app)}) << '\n';
    return ExitCode::kUsage;
  }
  Context context(surroundings, language, options.json, options.profile);
  return RunChosen(chosen, context);
}

}  // namespace daicho::collector
