#include "collector/reports/export_scheduler.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "collector/reports/export_files.h"
#include "collector/reports/render.h"
#include "collector/reports/report.h"
#include "collector/reports/selected_row.h"
#include "common/files.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr UnixTime kLoadAgainAfter = 60;
constexpr mode_t kFileMode = 0640;  // accounts and names are in it

// Not made here: it is missing because its name is mistyped or a share is not mounted, and people would wait in vain.
Status CheckFolder(const std::string& folder) {
  std::error_code error;
  const auto type = std::filesystem::status(folder, error).type();
  if (type == std::filesystem::file_type::directory) return {};
  if (type == std::filesystem::file_type::not_found) {
    return Fail(Code::kFailedPrecondition, "folder " + folder + " does not exist; create it or mount it");
  }
  return Fail(Code::kFailedPrecondition,
              "folder " + folder + (error ? " cannot be reached: " + error.message() : " is not a folder"));
}

void Keep(Status& first, const Status& next) {
  if (first && !next) first = next;
}

}  // namespace

ExportScheduler::ExportScheduler(Store& store, GroupCommitter& committer, const RuleSet& rules,
                                 FindingsEngine& findings, const Clock& clock, std::vector<ExportJob> jobs)
    : store_(store), committer_(committer), rules_(rules), findings_(findings), clock_(clock), jobs_(std::move(jobs)) {}

std::optional<UnixTime> ExportScheduler::DueAt(const ExportJob& job) const {
  const auto last = last_.find(job.name);
  if (last == last_.end()) return std::nullopt;
  return NextScheduled(job.schedule, last->second.at);
}

std::optional<UnixTime> ExportScheduler::NextRun() const {
  if (jobs_.empty()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  if (!loaded_) return load_at_;
  std::optional<UnixTime> next;
  for (const ExportJob& job : jobs_) {
    const UnixTime due = DueAt(job).value_or(clock_.Now());
    if (!next || due < *next) next = due;
  }
  return next;
}

Status ExportScheduler::Reload() {
  std::map<std::string, LastRun> last;
  const auto done =
      SelectRows(store_, "SELECT name, at, result, file FROM export_run ORDER BY at", [&](const SelectedRow& row) {
        last[row.Text("name")] = {
            .at = row.Number("at").value_or(0), .result = row.Text("result"), .file = row.Text("file")};
      });
  const std::lock_guard lock(mutex_);
  if (done) {
    // What was run here counts, even if the store could not take it.
    for (auto& [name, run] : last_) {
      if (LastRun& known = last[name]; known.at < run.at) known = std::move(run);
    }
    last_ = std::move(last);
  }
  loaded_ = done.has_value();
  load_at_ = clock_.Now() + kLoadAgainAfter;
  return done;
}

Status ExportScheduler::MarkFirstSeen(const ExportJob& job, UnixTime now) {
  {
    const std::lock_guard lock(mutex_);
    if (last_.contains(job.name)) return {};
  }
  return Record(job, {.at = now, .result = "", .file = ""}, true);
}

std::vector<const ExportJob*> ExportScheduler::DueJobs(UnixTime now) const {
  const std::lock_guard lock(mutex_);
  std::vector<const ExportJob*> due;
  for (const ExportJob& job : jobs_) {
    if (const auto at = DueAt(job); at && *at <= now) due.push_back(&job);
  }
  return due;
}

Status ExportScheduler::RunDue() {
  const std::lock_guard running(running_);
  if (jobs_.empty()) return {};
  const UnixTime now = clock_.Now();
  Status outcome;
  if (!loaded_) {
    if (auto loaded = Reload(); !loaded) return loaded;
  }
  for (const ExportJob& job : jobs_) Keep(outcome, MarkFirstSeen(job, now));
  if (DueJobs(now).empty()) return outcome;
  if (auto loaded = Reload(); !loaded) return loaded;
  const auto due = DueJobs(now);
  if (due.empty()) return outcome;
  const Status refreshed = findings_.Refresh();
  for (const ExportJob* job : due) Keep(outcome, RunJob(*job, now, refreshed));
  return outcome;
}

Result<ExportScheduler::LastRun> ExportScheduler::Write(const ExportJob& job, UnixTime now) const {
  if (auto there = CheckFolder(job.folder); !there) return std::unexpected(there.error());
  const std::string path = job.folder + "/" + ExportFileName(job, now);
  auto file = AtomicFile::Create(path, kFileMode);
  if (!file) return std::unexpected(file.error());
  const ReportContext context{
      .store = store_, .rules = rules_, .now = now, .language = job.lang, .zone = job.schedule.zone};
  const auto rows =
      RenderReport(context, job.what, job.format, [&file](std::string_view piece) { return file->Append(piece); });
  if (!rows) return std::unexpected(rows.error());
  if (auto written = file->Commit(); !written) return std::unexpected(written.error());
  std::string result = "ok: " + path + " (" + std::to_string(*rows) + " rows)";
  if (auto removed = RemoveOldExports(job); !removed) result += "; " + removed.error().message;
  return LastRun{.at = now, .result = std::move(result), .file = path};
}

Status ExportScheduler::RunJob(const ExportJob& job, UnixTime now, const Status& refreshed) {
  auto run = Write(job, now);
  const bool ok = run.has_value();
  if (!ok) {
    // Not the job's fault, and the ledger will be back before the job's next time.
    if (auto readable = Reload(); !readable) return readable;
    run = LastRun{.at = now, .result = "failed: " + run.error().message, .file = ""};
  }
  if (ok && !refreshed) run->result += "; findings may be old: " + refreshed.error().message;
  return Record(job, *run, ok);
}

Status ExportScheduler::Record(const ExportJob& job, const LastRun& run, bool ok) {
  {
    // Also if the store cannot take it: otherwise the job would run again and again.
    const std::lock_guard lock(mutex_);
    last_[job.name] = run;
  }
  const auto written = committer_.Submit(ExportRunWrite{
      .name = job.name, .at = run.at, .ok = ok, .result_text = run.result, .file = run.file, .result = {}});
  if (!written) return std::unexpected(written.error());
  return written->result;
}

std::vector<v1::ExportJob> ExportScheduler::Jobs() const {
  const std::lock_guard lock(mutex_);
  std::vector<v1::ExportJob> jobs;
  for (const ExportJob& job : jobs_) {
    v1::ExportJob& stated = jobs.emplace_back();
    stated.set_name(job.name);
    stated.set_what(job.what);
    stated.set_format(job.format);
    stated.set_schedule(FormatSchedule(job.schedule));
    *stated.mutable_next_run() = ToTimestamp(DueAt(job).value_or(NextScheduled(job.schedule, clock_.Now())));
    const auto last = last_.find(job.name);
    if (last == last_.end() || last->second.result.empty()) continue;
    *stated.mutable_last_run() = ToTimestamp(last->second.at);
    stated.set_last_result(last->second.result);
    stated.set_last_file(last->second.file);
  }
  return jobs;
}

}  // namespace daicho::collector
