#include <memory>
#include <optional>
#include <set>

#include "collector/ctl/arguments.h"
#include "collector/ctl/commands.h"
#include "collector/verdict.h"
#include "common/json.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

struct DiffOptions {
  std::string since;
  std::string until;
  std::string device;
};

Result<v1::ListChangesRequest> RequestOf(const Context& context, const DiffOptions& options) {
  v1::ListChangesRequest request;
  const auto since = ParseSince("--since", options.since, context.Now(), context.language());
  if (!since) return std::unexpected(since.error());
  *request.mutable_since() = ToTimestamp(*since);
  if (!options.until.empty()) {
    const auto until = ParseMoment("--until", options.until, context.Now(), context.language());
    if (!until) return std::unexpected(until.error());
    *request.mutable_until() = ToTimestamp(*until);
  }
  request.set_device(options.device);
  return request;
}

// "version 3.0.11 → 3.0.13, state installed"
std::string Differences(const v1::Change& change) {
  std::string text;
  for (const v1::FieldDifference& field : change.fields()) {
    text += (text.empty() ? "" : ", ") + field.field() + " ";
    if (change.kind() == "changed") {
      const auto known = [](const std::string& value) { return value.empty() ? std::string("-") : value; };
      text += known(field.before()) + " → " + known(field.after());
    } else {
      text += change.kind() == "removed" ? field.before() : field.after();
    }
  }
  return text;
}

ExitCode Diff(Context& context, const DiffOptions& options) {
  const auto request = RequestOf(context, options);
  if (!request) return context.Report(request.error());
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  TablePrinter table(context, {MakeColumn("hostname", Text::kHeadHost), MakeColumn("section", Text::kHeadSection),
                               MakeColumn("kind", Text::kHeadChange), MakeColumn("subject", Text::kHeadSubject),
                               MakeColumn("fields", Text::kHeadDetail)});
  std::set<std::string> devices;
  const Status status = (*session)->ListChanges(*request, [&](const v1::Change& change) {
    if (context.json()) {
      context.PrintLine(ToJson(change));
      return;
    }
    devices.insert(change.device_id());
    table.Add({change.hostname(), context.Word(change.section()), context.Word(change.kind()), change.subject(),
               Differences(change)});
  });
  table.Finish();
  if (!status) return context.Report(status.error());
  if (context.json()) return ExitCode::kDone;
  context.PrintLine(table.rows() == 0 ? context.Say(Text::kNoChanges)
                                      : context.Say(Text::kSumChanges,
                                                    {std::to_string(table.rows()), std::to_string(devices.size())}));
  return ExitCode::kDone;
}

VerifyCounts CountsOf(const v1::VerifyLedgerOutcome& outcome) {
  return {.devices = outcome.devices(),
          .sections = outcome.sections(),
          .items = outcome.items(),
          .sets = outcome.sets(),
          .journal_entries = outcome.journal_entries()};
}

// In the ledger's own words; of a collector that does not tell them apart, in those of the answer.
std::unexpected<Error> ProblemOf(const std::optional<v1::VerifyLedgerOutcome>& outcome, const Error& error) {
  const bool is_told = outcome && !outcome->problem().empty();
  return Fail(error.code, is_told ? outcome->problem() : error.message);
}

ExitCode Verify(Context& context) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  std::optional<v1::VerifyLedgerOutcome> outcome;
  bool progress_shown = false;
  Console& console = context.console();
  const Status status = (*session)->VerifyLedger([&](const v1::VerifyLedgerProgress& progress) {
    if (progress.has_outcome()) {
      outcome = progress.outcome();
    } else if (console.err_is_terminal) {
      progress_shown = true;
      console.err << "\r\x1b[K"
                  << context.Say(Text::kProving, {std::to_string(progress.done()), std::to_string(progress.of())})
                  << std::flush;
    }
  });
  if (progress_shown) console.err << "\r\x1b[K" << std::flush;
  if (!status) {
    const bool is_verdict = status.error().code == Code::kDataLoss;
    if (context.json() && is_verdict) context.PrintLine(VerdictJson(ProblemOf(outcome, status.error())));
    const ExitCode code = context.Report(status.error());
    if (is_verdict) console.err << context.Say(Text::kDamagedNext) << '\n';
    return code;
  }
  if (!outcome) return context.Report({Code::kInternal, context.Say(Text::kErrNoOutcome)});
  context.PrintLine(context.json() ? VerdictJson(CountsOf(*outcome))
                                   : context.Say(Text::kSound, {std::to_string(outcome->devices()),
                                                                std::to_string(outcome->sections()),
                                                                std::to_string(outcome->journal_entries())}));
  return ExitCode::kDone;
}

}  // namespace

void AddHistoryCommands(const CommandLine& line) {
  CLI::App* diff = line.Add(line.app, "diff", Text::kAboutDiff,
                            "daicho diff --since 2026-11-01 --until 2026-11-07 --device ward3-pc01", Text::kExitDiff);
  const auto options = std::make_shared<DiffOptions>();
  diff->add_option("--since", options->since, line.Help(Text::kOptSince))->required()->option_text("DATE");
  diff->add_option("--until", options->until, line.Help(Text::kOptUntilMoment))->option_text("DATE");
  diff->add_option("--device", options->device, line.Help(Text::kOptDevice))->option_text("DEVICE");
  diff->callback(
      [options, &chosen = line.chosen] { chosen = [options](Context& context) { return Diff(context, *options); }; });

  CLI::App* verify = line.Add(line.app, "verify", Text::kAboutVerify, "daicho verify", Text::kExitVerify);
  verify->callback([&chosen = line.chosen] { chosen = Verify; });
}

}  // namespace daicho::collector
