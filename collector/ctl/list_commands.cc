#include <memory>
#include <set>
#include <utility>

#include "collector/ctl/account_table.h"
#include "collector/ctl/commands.h"
#include "collector/ctl/past_question.h"
#include "common/json.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

struct SoftwareOptions {
  std::string name;
  std::string below;
  std::string device;
  std::string at;
};

struct AccountOptions {
  std::string device;
  bool all = false;
  std::string at;
};

std::vector<Column> SoftwareColumns() {
  return {MakeColumn("hostname", Text::kHeadHost),         MakeColumn("name", Text::kHeadName),
          MakeColumn("version", Text::kHeadVersion),       MakeColumn("architecture", Text::kHeadArchitecture),
          MakeColumn("manager", Text::kHeadManager),       MakeColumn("state", Text::kHeadState),
          MakeColumn("installed_at", Text::kHeadInstalled)};
}

std::vector<Cell> SoftwareCells(const v1::SoftwareEntry& entry) {
  return {entry.hostname(),
          entry.name(),
          entry.version(),
          entry.architecture(),
          entry.manager(),
          entry.state(),
          TimeCell(entry.installed_at())};
}

// ASCII alone: names of packages have no other letters.
std::string InSmallLetters(std::string text) {
  for (char& letter : text) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return text;
}

ExitCode ListSoftware(Context& context, const SoftwareOptions& options) {
  v1::ListSoftwareRequest request;
  if (const Status good = SetMoment(context, options.at, request); !good) return context.Report(good.error());
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  request.set_name(options.name);
  request.set_below(options.below);
  request.set_device(options.device);
  TablePrinter table(context, SoftwareColumns());
  std::set<std::string> devices;
  std::size_t count = 0;
  bool too_old = false;
  const Status status = (*session)->ListSoftware(request, [&](const v1::SoftwareEntry& entry) {
    too_old |= !AnswersTheQuestion(request, entry);
    if (too_old) return;
    ++count;
    if (context.json()) {
      context.PrintLine(ToJson(entry));
      return;
    }
    devices.insert(entry.device_id());
    table.Add(SoftwareCells(entry));
  });
  table.Finish();
  if (!status) return context.Report(status.error());
  if (too_old) return context.Report(TooOld(context, **session));
  if (count == 0) {
    context.Note(context.Say(Text::kNoSoftware));
    // Most managers allow only small letters, and what is merely written otherwise must not look as if nobody had it.
    const std::string small = InSmallLetters(options.name);
    if (small != options.name) context.Note(context.Say(Text::kNamesAreByCase, {small}));
    const bool asked = !options.name.empty() || !options.below.empty() || !options.device.empty();
    return asked ? ExitCode::kFindings : ExitCode::kDone;
  }
  if (!context.json()) {
    context.PrintLine(context.Say(Text::kSumSoftware, {std::to_string(count), std::to_string(devices.size())}));
  }
  return ExitCode::kDone;
}

// The account's fields beside the device's, because scripts ask for `name` and `enabled`, not for a tree.
std::string FlatJson(const v1::AccountEntry& entry) {
  std::string line = "{\"device_id\":";
  AppendJsonString(entry.device_id(), line);
  line += ",\"hostname\":";
  AppendJsonString(entry.hostname(), line);
  if (entry.has_at()) {
    line += ",\"at\":";
    AppendJsonString(FormatTime(FromTimestamp(entry.at())), line);
  }
  const std::string account = ToJson(entry.account());
  if (account != "{}") line += ',';
  line.append(account, 1);
  return line;
}

struct AccountCount {
  std::size_t accounts = 0;
  std::size_t admins = 0;
  bool too_old = false;
  std::set<std::string> devices;
};

// That nobody can log in is an answer too; said with how many accounts were left out.
ExitCode NothingListed(Context& context, Session& session, v1::ListAccountsRequest request) {
  std::size_t system_accounts = 0;
  if (!request.all()) {
    request.set_all(true);
    const Status status = session.ListAccounts(request, [&](const v1::AccountEntry&) { ++system_accounts; });
    if (!status) return context.Report(status.error());
  }
  context.Note(system_accounts == 0 ? context.Say(Text::kNoAccounts)
                                    : context.Say(Text::kOnlySystemAccounts, {std::to_string(system_accounts)}));
  return request.device().empty() ? ExitCode::kDone : ExitCode::kFindings;
}

ExitCode ListAccounts(Context& context, const AccountOptions& options) {
  v1::ListAccountsRequest request;
  if (const Status good = SetMoment(context, options.at, request); !good) return context.Report(good.error());
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  request.set_device(options.device);
  request.set_all(options.all);
  std::vector<Column> columns = AccountColumns();
  columns.insert(columns.begin(), MakeColumn("hostname", Text::kHeadHost));
  TablePrinter table(context, std::move(columns));
  AccountCount count;
  const Status status = (*session)->ListAccounts(request, [&](const v1::AccountEntry& entry) {
    count.too_old |= !AnswersTheQuestion(request, entry);
    if (count.too_old) return;
    ++count.accounts;
    if (context.json()) {
      context.PrintLine(FlatJson(entry));
      return;
    }
    count.devices.insert(entry.device_id());
    count.admins += entry.account().admin() ? 1 : 0;
    std::vector<Cell> cells = AccountCells(entry.account(), context.language());
    cells.insert(cells.begin(), entry.hostname());
    table.Add(std::move(cells));
  });
  table.Finish();
  if (!status) return context.Report(status.error());
  if (count.too_old) return context.Report(TooOld(context, **session));
  if (count.accounts == 0) return NothingListed(context, **session, std::move(request));
  if (context.json()) return ExitCode::kDone;
  context.PrintLine(context.Say(
      Text::kSumAccounts,
      {std::to_string(count.accounts), std::to_string(count.devices.size()), std::to_string(count.admins)}));
  return ExitCode::kDone;
}

}  // namespace

void AddListCommands(const CommandLine& line) {
  CLI::App* software = line.Add(line.app, "software", Text::kAboutSoftware, "daicho software openssl --below 3.0.11",
                                Text::kExitSoftware);
  const auto filter = std::make_shared<SoftwareOptions>();
  software->add_option("name", filter->name, line.Help(Text::kArgSoftware));
  software->add_option("--below", filter->below, line.Help(Text::kOptBelow))->option_text("VERSION");
  software->add_option("--device", filter->device, line.Help(Text::kOptDevice))->option_text("DEVICE");
  software->add_option("--at", filter->at, line.Help(Text::kOptAt))->option_text("DATE");
  software->callback([filter, &chosen = line.chosen] {
    chosen = [filter](Context& context) { return ListSoftware(context, *filter); };
  });

  CLI::App* accounts = line.Add(line.app, "accounts", Text::kAboutAccounts, "daicho accounts --device ward3-pc01 --all",
                                Text::kExitAccounts);
  const auto options = std::make_shared<AccountOptions>();
  accounts->add_option("--device", options->device, line.Help(Text::kOptDevice))->option_text("DEVICE");
  accounts->add_option("--at", options->at, line.Help(Text::kOptAt))->option_text("DATE");
  accounts->add_flag("--all", options->all, line.Help(Text::kOptAll));
  accounts->callback([options, &chosen = line.chosen] {
    chosen = [options](Context& context) { return ListAccounts(context, *options); };
  });
}

}  // namespace daicho::collector
