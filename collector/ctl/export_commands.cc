#include <memory>
#include <optional>
#include <utility>

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

// Takes the chunks of an export: into a file that is not there before it is whole, or straight through to standard
// output. A terminal gets whole lines with control characters replaced.
class ExportTarget {
 public:
  // `output`: the file, or empty. It is made first: a folder that is not there must not come out after the download.
  static Result<ExportTarget> Open(Context& context, const std::string& output) {
    ExportTarget target(context, output);
    if (output.empty()) return target;
    auto file = AtomicFile::Create(output, 0640);
    if (!file) {
      // A folder that is not there is the command line's fault, not "nothing found" (exit code 1).
      const bool no_folder = file.error().code == Code::kNotFound;
      return Fail(no_folder ? Code::kInvalidArgument : file.error().code, file.error().message);
    }
    target.file_.emplace(std::move(*file));
    return target;
  }

  Status Add(std::string_view data) {
    bytes_ += data.size();
    if (file_) {
      ShowProgress();
      return file_->Append(data);
    }
    std::ostream& out = context_->console().out;
    if (context_->console().width == 0) {
      out << data;
    } else {
      PrintWholeLines(data);
    }
    if (!out) return Fail(Code::kResourceExhausted, context_->Say(Text::kErrOutput));
    return {};
  }

  Status Finish() {
    ClearProgress();
    if (!line_.empty()) context_->PrintLine(line_);
    if (!file_) return {};
    if (const Status written = file_->Commit(); !written) return written;
    context_->Note(context_->Say(Text::kExported, {output_, std::to_string(bytes_)}));
    return {};
  }

  void ClearProgress() {
    if (progress_shown_) context_->console().err << "\r\x1b[K" << std::flush;
    progress_shown_ = false;
  }

 private:
  ExportTarget(Context& context, const std::string& output)
      : context_(&context), output_(output), shown_at_(context.Now()) {}

  void PrintWholeLines(std::string_view data) {
    for (;;) {
      const std::size_t end = data.find('\n');
      line_ += data.substr(0, end);
      if (end == std::string_view::npos) return;
      context_->PrintLine(Trim(line_));
      line_.clear();
      data.remove_prefix(end + 1);
    }
  }

  // Once a second, if there is more than one.
  void ShowProgress() {
    const UnixTime now = context_->Now();
    if (!context_->console().err_is_terminal || now - shown_at_ < (progress_shown_ ? 1 : 2)) return;
    shown_at_ = now;
    progress_shown_ = true;
    context_->console().err << '\r' << context_->Say(Text::kProgress, {std::to_string(bytes_ / 1024)}) << std::flush;
  }

  Context* context_;
  std::string output_;
  std::optional<AtomicFile> file_;
  std::string line_;  // begun, for a terminal
  std::size_t bytes_ = 0;
  UnixTime shown_at_;
  bool progress_shown_ = false;
};

ExitCode Export(Context& context, const ExportOptions& options) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  auto target = ExportTarget::Open(context, options.output);
  if (!target) return context.Report(target.error());
  v1::ExportRequest request;
  request.set_what(options.what);
  request.set_format(options.format);
  request.set_lang(context.language() == Language::kJapanese ? "ja" : "en");
  Status done = (*session)->Export(request, [&](const v1::ExportChunk& chunk) { return target->Add(chunk.data()); });
  target->ClearProgress();
  if (done) done = target->Finish();
  if (!context.console().out) return ExitCode::kDone;  // whoever runs the commands sees it and says it
  return done ? ExitCode::kDone : context.Report(done.error());
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
