#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "collector/ctl/arguments.h"
#include "collector/ctl/checklist_names.h"
#include "collector/ctl/commands.h"
#include "collector/ctl/print_findings.h"
#include "collector/reports/terminal.h"
#include "common/json.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

struct FindingOptions {
  std::string item;
  std::string device;
  std::string status = "open";
  std::string fail_on;
};

struct FindingCount {
  std::array<std::size_t, 4> open{};  // by severity
  std::size_t settled = 0;            // waived and resolved
  int worst_open = -1;

  void Add(const v1::Finding& finding) {
    const int rank = SeverityRank(finding.severity());
    if (finding.status() != "open") {
      ++settled;
      return;
    }
    ++open[static_cast<std::size_t>(rank)];
    worst_open = std::max(worst_open, rank);
  }
  std::size_t ToDo() const { return open[1] + open[2] + open[3]; }
};

Status PrintGroups(Context& context, Session& session, std::vector<v1::Finding> findings, const FindingCount& count) {
  if (findings.empty()) {
    context.PrintLine(context.Say(Text::kNoFindings));
    return {};
  }
  const auto names = ChecklistNames::Load(session);
  if (!names) return std::unexpected(names.error());
  PrintFindings(context, std::move(findings), *names, false);
  const auto number = [&](std::size_t rank) { return std::to_string(count.open[rank]); };
  std::string sum =
      context.Say(Text::kSumFindings, {std::to_string(count.ToDo()), number(3), number(2), number(1), number(0)});
  if (count.settled > 0) sum += context.Say(Text::kSumSettled, {std::to_string(count.settled)});
  context.PrintLine(sum);
  return {};
}

ExitCode ListFindings(Context& context, const FindingOptions& options) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  v1::ListFindingsRequest request;
  request.set_item(options.item);
  request.set_device(options.device);
  request.set_status(options.status);
  std::vector<v1::Finding> findings;
  FindingCount count;
  const Status status = (*session)->ListFindings(request, [&](const v1::Finding& finding) {
    count.Add(finding);
    if (context.json()) {
      context.PrintLine(ToJson(finding));
    } else {
      findings.push_back(finding);
    }
  });
  // What came before an error is right (a rule that fails does not hide the others'); that nothing came proves nothing.
  if (!context.json() && (status || !findings.empty())) {
    const Status printed = PrintGroups(context, **session, std::move(findings), count);
    if (!printed) return context.Report(printed.error());
  }
  if (!status) return context.Report(status.error());
  const bool failed = !options.fail_on.empty() && count.worst_open >= SeverityRank(options.fail_on);
  return failed ? ExitCode::kFindings : ExitCode::kDone;
}

struct WaiveOptions {
  std::string finding;
  std::string reason;
  std::string until;
  bool end = false;
};

// A time long past ends a waiver (admin.proto) whatever the two clocks show.
constexpr UnixTime kLongPast = 1;

Result<v1::WaiveFindingRequest> MakeWaiver(const Context& context, const WaiveOptions& options) {
  v1::WaiveFindingRequest request;
  request.set_finding_id(options.finding);
  if (options.end) {
    request.set_reason(options.reason.empty() ? "ended" : options.reason);
    *request.mutable_until() = ToTimestamp(kLongPast);
    return request;
  }
  if (options.reason.empty() || options.until.empty()) {
    return Fail(Code::kInvalidArgument, context.Say(Text::kErrWaiveWhat));
  }
  const auto until = ParseUntil(options.until, context.Now(), context.language());
  if (!until) return std::unexpected(until.error());
  request.set_reason(options.reason);
  *request.mutable_until() = ToTimestamp(*until);
  return request;
}

ExitCode WaiveFinding(Context& context, const WaiveOptions& options) {
  const auto request = MakeWaiver(context, options);
  if (!request) return context.Report(request.error());
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  const auto finding = (*session)->WaiveFinding(*request);
  if (!finding) return context.Report(finding.error());
  const std::string until = FormatLocalTime(FromTimestamp(request->until()));
  if (context.json()) {
    context.PrintLine(ToJson(*finding));
  } else if (options.end) {
    context.PrintLine(context.Say(Text::kWaiverEnded, {options.finding}));
  } else {
    context.PrintLine(context.Say(Text::kWaived, {options.finding, until}));
  }
  return ExitCode::kDone;
}

std::vector<Cell> ChecklistCells(const v1::ChecklistRow& row, const ChecklistNames& names, const Context& context) {
  const Language language = context.language();
  return {context.Say(Text::kPart, {std::to_string(row.part())}),
          names.Number(row),
          Pick(row.heading(), language),
          context.Word(row.evidence()),
          std::int64_t{row.open_findings()},
          Pick(row.answer(), language)};
}

ExitCode ListChecklist(Context& context) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  TablePrinter table(context, {MakeColumn("part", Text::kHeadPart), MakeColumn("number", Text::kHeadNumber),
                               MakeColumn("heading", Text::kHeadHeading), MakeColumn("evidence", Text::kHeadEvidence),
                               MakeColumn("open_findings", Text::kHeadToDo), MakeColumn("answer", Text::kHeadAnswer)});
  std::uint64_t findings = 0;
  ChecklistNames names;
  std::vector<v1::ChecklistRow> rows;  // all, before it is known which numbers come twice
  const Status status = (*session)->ListChecklist([&](const v1::ChecklistRow& row) {
    if (context.json()) {
      context.PrintLine(ToJson(row));
      return;
    }
    findings += row.open_findings();
    names.Add(row);
    rows.push_back(row);
  });
  for (const v1::ChecklistRow& row : rows) table.Add(ChecklistCells(row, names, context));
  table.Finish();
  if (!status) return context.Report(status.error());
  if (context.json()) return ExitCode::kDone;
  context.PrintLine(table.rows() == 0
                        ? context.Say(Text::kNoChecklist)
                        : context.Say(Text::kSumChecklist, {std::to_string(table.rows()), std::to_string(findings)}));
  return ExitCode::kDone;
}

void AddWaive(const CommandLine& line) {
  CLI::App* waive = line.Add(
      line.app, "waive", Text::kAboutWaive,
      "daicho waive FINDING --reason \"vendor account, contract until March\" --until 2027-03-31", Text::kExitFinding);
  const auto options = std::make_shared<WaiveOptions>();
  waive->add_option("finding", options->finding, line.Help(Text::kArgFinding))->required();
  waive->add_option("--reason", options->reason, line.Help(Text::kOptWaiveReason))->option_text("TEXT");
  CLI::Option* until = waive->add_option("--until", options->until, line.Help(Text::kOptUntil));
  until->option_text("DATE");
  waive->add_flag("--end", options->end, line.Help(Text::kOptEnd))->excludes(until);
  waive->callback([options, &chosen = line.chosen] {
    chosen = [options](Context& context) { return WaiveFinding(context, *options); };
  });
}

}  // namespace

void AddFindingCommands(const CommandLine& line) {
  CLI::App* findings = line.Add(line.app, "findings", Text::kAboutFindings,
                                "daicho findings --item B10 --fail-on medium", Text::kExitFindings);
  const auto options = std::make_shared<FindingOptions>();
  findings->add_option("--item", options->item, line.Help(Text::kOptItem))->option_text("ROW");
  findings->add_option("--device", options->device, line.Help(Text::kOptDevice))->option_text("DEVICE");
  findings->add_option("--status", options->status, line.Help(Text::kOptStatus))
      ->check(CLI::IsMember({"open", "waived", "resolved", "all"}))
      ->option_text("STATUS");
  findings->add_option("--fail-on", options->fail_on, line.Help(Text::kOptFailOn))
      ->check(CLI::IsMember({"info", "low", "medium", "high"}))
      ->option_text("SEVERITY");
  findings->callback([options, &chosen = line.chosen] {
    chosen = [options](Context& context) { return ListFindings(context, *options); };
  });
  AddWaive(line);
  CLI::App* checklist =
      line.Add(line.app, "checklist", Text::kAboutChecklist, "daicho checklist --lang en", Text::kExitList);
  checklist->callback([&chosen = line.chosen] { chosen = ListChecklist; });
}

}  // namespace daicho::collector
