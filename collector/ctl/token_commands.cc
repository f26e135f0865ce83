#include <memory>

#include "collector/ctl/arguments.h"
#include "collector/ctl/commands.h"
#include "collector/reports/terminal.h"
#include "common/json.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

struct CreateOptions {
  std::uint32_t count = 0;  // 0: not asked for
  std::string valid;
  std::string device;
  std::string note;
};

// The token comes by standard input: on the command line every user of the device could read it (proc(5)). The profile
// knows the admin endpoint only, so HOST:PORT stays a place to fill.
constexpr const char* kEnrolCommand = "daicho-agent enrol --collector HOST:PORT --ca ca.pem --token -";

// 0: the collector's default.
Result<std::uint32_t> ValidSeconds(Context& context, const CreateOptions& options) {
  if (options.valid.empty()) return 0;
  return ParseValidity(options.valid, context.language());
}

ExitCode CreateToken(Context& context, const CreateOptions& options) {
  v1::CreateTokenRequest request;
  const auto seconds = ValidSeconds(context, options);
  if (!seconds) return context.Report(seconds.error());
  request.set_valid_seconds(*seconds);
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

// For a script, which hands them out: nothing but tokens on standard output.
ExitCode CreateTokens(Context& context, const CreateOptions& options) {
  v1::CreateTokensRequest request;
  const auto seconds = ValidSeconds(context, options);
  if (!seconds) return context.Report(seconds.error());
  request.set_count(options.count);
  request.set_valid_seconds(*seconds);
  request.set_note(options.note);
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  UnixTime until = 0;
  const Status made = (*session)->CreateTokens(request, [&](const v1::CreateTokenResponse& one) {
    context.PrintLine(context.json() ? ToJson(one) : one.token());
    until = FromTimestamp(one.expires_at());
  });
  if (!made) return context.Report(made.error());
  if (!context.json()) {
    context.Note(context.Say(Text::kTokensCreated, {std::to_string(options.count), FormatLocalTime(until)}));
  }
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
  CLI::Option* device =
      create->add_option("--device", options->device, line.Help(Text::kOptTokenDevice))->option_text("ID");
  create->add_option("--count", options->count, line.Help(Text::kOptTokenCount))
      ->check(CLI::Range(1, 10'000))
      ->excludes(device)
      ->option_text("N");
  create->add_option("--note", options->note, line.Help(Text::kOptNote))->option_text("TEXT");
  create->callback([options, &chosen = line.chosen] {
    chosen = [options](Context& context) {
      return options->count == 0 ? CreateToken(context, *options) : CreateTokens(context, *options);
    };
  });
}

}  // namespace daicho::collector
