// Runs the scheduled exports.
//
// A job is due when a scheduled time has come since its last run (which the store remembers across restarts). Times
// missed while the collector was down are made up for once, not once each. A job that never ran waits for its first
// scheduled time after it was first seen; when that was is in the store as a run without result text. A failed run is
// recorded and tried again at the next scheduled time (one that failed because the store could not be read: in a
// minute); a folder that does not exist is such a failure. A run writes
// FOLDER/NAME-YYYYMMDD-HHMM.csv (or .jsonl) in one step, mode 0640, the time that of the schedule's zone, then deletes
// this job's oldest files beyond `keep`; other files in the folder are not touched. Thread-safe; one RunDue() at a
// time.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "collector/reports/export_job.h"
#include "collector/rules/findings_engine.h"
#include "collector/rules/rule_set.h"
#include "collector/store/group_committer.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"
#include "daicho/v1/admin.pb.h"

namespace daicho::collector {

class ExportScheduler {
 public:
  // All but `jobs` must outlive this.
  ExportScheduler(Store& store, GroupCommitter& committer, const RuleSet& rules, FindingsEngine& findings,
                  const Clock& clock, std::vector<ExportJob> jobs);

  // When RunDue() has something to do next (now or earlier: at once; so it is after the start, when the former runs
  // have to be read, and while a job is not marked as seen). Absent: no jobs.
  std::optional<UnixTime> NextRun() const;

  // Runs each due job once. The outcome of each run goes to the store; the error returned is that the store could not
  // be read, and then the jobs are due again in a minute, or that it could not take an outcome.
  Status RunDue();

  // Reads the former runs again: another collector of this ledger may have run jobs.
  Status Reload();

  // For Admin.ListExports, in the order of the configuration.
  std::vector<v1::ExportJob> Jobs() const;

 private:
  struct LastRun {
    UnixTime at = 0;
    std::string result;  // empty: never ran, first seen then
    std::string file;
  };

  std::vector<const ExportJob*> DueJobs(UnixTime now) const;
  Status MarkFirstSeen(const ExportJob& job, UnixTime now);
  std::optional<UnixTime> DueAt(const ExportJob& job) const;  // absent: not marked as seen yet
  Status RunJob(const ExportJob& job, UnixTime now, const Status& refreshed);
  Result<LastRun> Write(const ExportJob& job, UnixTime now) const;
  Status Record(const ExportJob& job, const LastRun& run, bool ok);

  Store& store_;
  GroupCommitter& committer_;
  const RuleSet& rules_;
  FindingsEngine& findings_;
  const Clock& clock_;
  const std::vector<ExportJob> jobs_;
  std::mutex running_;        // held through RunDue()
  mutable std::mutex mutex_;  // guards what follows
  bool loaded_ = false;
  UnixTime load_at_ = 0;                 // when former runs are to be read, again after a failure
  std::map<std::string, LastRun> last_;  // by job; once loaded_, each job has one
};

}  // namespace daicho::collector
