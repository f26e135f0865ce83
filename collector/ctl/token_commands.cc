#include <memory>

#include "collector/ctl/arguments.h"
#include "collector/ctl/commands.h"
#include "collector/reports/terminal.h"
#include "common/json.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

struct CreateOptions {
  std::string valid;
  std::string device;
  std::string note;
};

// The token comes by standard input: on the command line every user of the device could read it (proc(5)). The profile
// knows the admin endpoint only, so HOST:PORT stays a place to fill.
constexpr const char* kEnrolCommand = "daicho-agent enrol --collector HOST:PORT --ca ca.pem --token -";

ExitCode CreateToken(Context& context, const CreateOptions& options) {
  v1::CreateTokenRequest request;
  if (!options.valid.empty()) {
    const auto seconds = ParseValidity(options.valid, context.language());
    if (!seconds) return context.Report(seconds.error());
    request.set_valid_seconds(*seconds);
  }
  request.set_device_id(options.device);
  request.set_note(options.note);
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  const auto response = (*session)->CreateToken(request);
  if (!response) return context.Report(response.error());
  if (context.json()) {
    context.PrintLine(ToJson(*response));
    return ExitCode::kDone;
  }
  context.PrintLine(context.Say(Text::kTokenCreated));
  context.PrintLine(response->token());
  const std::string until = FormatLocalTime(FromTimestamp(response->expires_at()));
  context.PrintLine(context.Say(Text::kTokenNext, {until, kEnrolCommand}));
  return ExitCode::kDone;
}

}  // namespace

void AddTokenCommands(const CommandLine& line) {
  CLI::App* token = line.Add(line.app, "token", Text::kAboutToken, "daicho token create --valid 24h");
  token->require_subcommand(1);
  CLI::App* create =
      line.Add(*token, "create", Text::kAboutTokenCreate, "daicho token create --valid 7d --note ward-3");
  const auto options = std::make_shared<CreateOptions>();
  create->add_option("--valid", options->valid, line.Help(Text::kOptValid))->option_text("24h");
  create->add_option("--device", options->device, line.Help(Text::kOptTokenDevice))->option_text("ID");
  create->add_option("--note", options->note, line.Help(Text::kOptNote))->option_text("TEXT");
  create->callback([options, &chosen = line.chosen] {
    chosen = [options](Context& context) { return CreateToken(context, *options); };
  });
}

}  // namespace daicho::collector
