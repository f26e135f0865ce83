#include <chrono>
#include <memory>

#include "collector/ctl/commands.h"
#include "collector/rules/zone.h"
#include "common/files.h"
#include "common/json.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

struct ExportOptions {
  std::string what;
  std::string format;
  std::string output;
};

// Takes the chunks of an export: into memory for a file (written in one step at the end), straight through for standard
// output. A terminal gets whole lines with control characters replaced.
class ExportTarget {
 public:
  ExportTarget(Context& context, const std::string& output) : context_(context), output_(output) {}

  void Add(const std::string& data) {
    bytes_ += data.size();
    if (!output_.empty()) {
      pending_ += data;
      ShowProgress();
    } else if (context_.console().width == 0) {
      context_.console().out << data;
    } else {
      pending_ += data;
      PrintWholeLines();
    }
  }

  // Nothing is written for an export that did not arrive whole.
  Status Finish() {
    ClearProgress();
    if (output_.empty()) {
      if (!pending_.empty()) context_.PrintLine(pending_);
      return {};
    }
    if (const Status written = WriteFileAtomically(output_, pending_, 0640); !written) {
      // A folder that is not there is the command line's fault, not "nothing found" (exit code 1).
      const bool no_folder = written.error().code == Code::kNotFound;
      return Fail(no_folder ? Code::kInvalidArgument : written.error().code, written.error().message);
    }
    context_.Note(context_.Say(Text::kExported, {output_, std::to_string(bytes_)}));
    return {};
  }

  void ClearProgress() {
    if (progress_shown_) context_.console().err << "\r\x1b[K" << std::flush;
    progress_shown_ = false;
  }

 private:
  using SteadyClock = std::chrono::steady_clock;

  void PrintWholeLines() {
    std::size_t end = 0;
    while ((end = pending_.find('\n')) != std::string::npos) {
      context_.PrintLine(Trim(std::string_view(pending_).substr(0, end)));
      pending_.erase(0, end + 1);
    }
  }

  void ShowProgress() {
    constexpr std::chrono::milliseconds kBetween{500};
    const auto now = SteadyClock::now();
    if (!context_.console().err_is_terminal || now - last_shown_ < kBetween) return;
    last_shown_ = now;
    progress_shown_ = true;
    context_.console().err << '\r' << context_.Say(Text::kProgress, {std::to_string(bytes_ / 1024)}) << std::flush;
  }

  Context& context_;
  const std::string& output_;
  std::string pending_;
  std::size_t bytes_ = 0;
  SteadyClock::time_point last_shown_ = SteadyClock::now();
  bool progress_shown_ = false;
};

ExitCode Export(Context& context, const ExportOptions& options) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  v1::ExportRequest request;
  request.set_what(options.what);
  request.set_format(options.format);
  request.set_lang(context.language() == Language::kJapanese ? "ja" : "en");
  ExportTarget target(context, options.output);
  const Status status = (*session)->Export(request, [&](const v1::ExportChunk& chunk) { target.Add(chunk.data()); });
  if (!status) {
    target.ClearProgress();
    return context.Report(status.error());
  }
  const Status finished = target.Finish();
  return finished ? ExitCode::kDone : context.Report(finished.error());
}

// "2026-11-30 06:30 (Asia/Tokyo)": a schedule ends in its zone, and its times are read beside it.
Cell ScheduledTime(const google::protobuf::Timestamp& time, const std::string& schedule) {
  if (time.seconds() == 0) return {};
  const UnixTime at = FromTimestamp(time);
  const std::string zone = schedule.substr(schedule.rfind(' ') + 1);
  const std::string known = CheckZone(zone) ? zone : "UTC";
  const std::string text = FormatLocalDateTime(at, known);
  return text.substr(0, std::string_view("2026-11-30 06:30").size()) + " (" + known + ")";
}

ExitCode ListExports(Context& context) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  TablePrinter table(context, {MakeColumn("name", Text::kHeadName), MakeColumn("what", Text::kHeadWhat),
                               MakeColumn("format", Text::kHeadFormat), MakeColumn("schedule", Text::kHeadSchedule),
                               MakeColumn("next_run", Text::kHeadNextRun), MakeColumn("last_run", Text::kHeadLastRun),
                               MakeColumn("last_result", Text::kHeadResult)});
  const Status status = (*session)->ListExports([&](const v1::ExportJob& job) {
    if (context.json()) {
      context.PrintLine(ToJson(job));
      return;
    }
    table.Add({job.name(), context.Word(job.what()), job.format(), job.schedule(),
               ScheduledTime(job.next_run(), job.schedule()), ScheduledTime(job.last_run(), job.schedule()),
               job.last_result()});
  });
  table.Finish();
  if (!status) return context.Report(status.error());
  if (!context.json() && table.rows() == 0) context.PrintLine(context.Say(Text::kNoExports));
  return ExitCode::kDone;
}

}  // namespace

void AddExportCommands(const CommandLine& line) {
  CLI::App* command = line.Add(line.app, "export", Text::kAboutExport,
                               "daicho export --what ledger --format csv --lang ja -o daicho.csv");
  const auto options = std::make_shared<ExportOptions>();
  command->add_option("--what", options->what, line.Help(Text::kOptWhat))
      ->required()
      ->check(CLI::IsMember({"ledger", "software", "accounts", "findings"}))
      ->option_text("WHAT");
  command->add_option("--format", options->format, line.Help(Text::kOptFormat))
      ->required()
      ->check(CLI::IsMember({"csv", "json"}))
      ->option_text("csv|json");
  command->add_option("-o,--output", options->output, line.Help(Text::kOptOutput))->option_text("FILE");
  command->callback(
      [options, &chosen = line.chosen] { chosen = [options](Context& context) { return Export(context, *options); }; });
  CLI::App* exports = line.Add(line.app, "exports", Text::kAboutExports, "daicho exports", Text::kExitList);
  exports->callback([&chosen = line.chosen] { chosen = ListExports; });
}

}  // namespace daicho::collector
