#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <functional>

#include "collector/reports/export_files.h"
#include "collector/reports/export_job.h"
#include "collector/reports/export_scheduler.h"
#include "collector/rules/toml_reader.h"
#include "collector/store/sqlite_store.h"
#include "common/files.h"
#include "common/sections.h"
#include "common/time_format.h"
#include "tests/collector/rules/case_runner.h"
#include "tests/collector/store/reports.h"
#include "tests/temporary_folder.h"

namespace daicho::collector::testing {
namespace {

using Names = std::vector<std::string>;

constexpr const char* kJob =
    "name = \"nightly\"\nwhat = \"accounts\"\nformat = \"csv\"\nfolder = \"/srv/x\"\nschedule = \"daily 02:00\"\n";

Result<ExportJob> Parse(const std::string& text) {
  const toml::table table = ParseToml(text, "collector.toml").value();
  return ParseExportJob(table, "collector.toml");
}

TEST(ExportJobEntry, IsReadWithDefaults) {
  const auto job = Parse(kJob);
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->name, "nightly");
  EXPECT_EQ(job->what, "accounts");
  EXPECT_EQ(job->lang, Language::kJapanese);
  EXPECT_EQ(FormatSchedule(job->schedule), "daily 02:00 Asia/Tokyo");
  EXPECT_EQ(job->keep, 30u);
  EXPECT_EQ(Parse(std::string(kJob) + "lang = \"en\"\nkeep = 2\n")->keep, 2u);
}

TEST(ExportJobEntry, WrongOnesAreToldWithTheirPlace) {
  const auto spoil = [](const std::string& from, const std::string& to) {
    std::string text = kJob;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  const std::vector<std::pair<std::string, std::string>> table = {
      {spoil("name = \"nightly\"", "name = \"../x\""), "collector.toml:1:8: 'name' must be lower-case letters"},
      {spoil("\"accounts\"", "\"users\""), "collector.toml:2:8: no report 'users'; valid: ledger, software, accounts"},
      {spoil("\"csv\"", "\"xls\""), "collector.toml:3:10: no format 'xls'; valid: csv, json"},
      {spoil("\"/srv/x\"", "\"x\""), "collector.toml:4:10: 'folder' must be an absolute path"},
      {spoil("daily 02:00", "daily 2am"), "collector.toml:5:12: schedule 'daily 2am': the time must be HH:MM"},
      {spoil("schedule =", "shedule ="),
       "collector.toml:5:1: unknown key 'shedule' in an export; valid keys: name, what, format, lang, folder, "
       "schedule, "
       "keep"},
      {std::string(kJob) + "keep = 0\n", "collector.toml:6:8: 'keep' in an export must be a whole number from 1 to"},
      {std::string(kJob) + "lang = \"fr\"\n", "collector.toml:6:8: 'lang' is 'fr'; it must be one of: ja, en"},
      {"name = \"n\"\n", "collector.toml:1:1: an export needs 'what'"},
  };
  for (const auto& [text, message] : table) {
    const auto job = Parse(text);
    ASSERT_FALSE(job) << text;
    EXPECT_EQ(job.error().message.substr(0, message.size()), message);
  }
}

TEST(ExportFiles, AreTheJobsOwnOnly) {
  ExportJob job;
  job.name = "a";
  job.format = "csv";
  EXPECT_EQ(ExportFileName(job, 1'775'001'600), "a-20260401-0900.csv");
  EXPECT_TRUE(IsExportOf(job, "a-20260401-0900.csv"));
  for (const char* other : {"a-20260401-0900.jsonl", "ab-20260401-0900.csv", "a-b-20260401-0900.csv",
                            "a-20260401-0900.csv.Xy12zz", "a-2026040x-0900.csv", "a.csv", "a-20260401_0900.csv"}) {
    EXPECT_FALSE(IsExportOf(job, other)) << other;
  }
}

class Exports : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    ASSERT_TRUE(MakeFolder(folder_.File("out")));
    EnrolDevice(store(), DeviceId(1), "pc-1", kStart);
    committer_ = std::make_unique<GroupCommitter>(store());
    Restart();
  }
  void TearDown() override {
    scheduler_.reset();
    engine_.reset();
    committer_.reset();
  }
  ExportJob Job(const std::string& name, const std::string& schedule, std::uint32_t keep = 30) {
    return {.name = name,
            .what = "ledger",
            .format = "csv",
            .lang = Language::kJapanese,
            .folder = folder_.File("out"),
            .schedule = ParseSchedule(schedule).value(),
            .keep = keep};
  }
  // As the collector does at its start, and then each time NextRun() says so.
  void Restart(std::vector<ExportJob> jobs = {}) {
    if (jobs.empty()) jobs = {Job("nightly", "daily 02:00")};
    Make(std::move(jobs));
    Turn();
  }
  void Make(std::vector<ExportJob> jobs) {
    engine_ = std::make_unique<FindingsEngine>(store(), *committer_, clock_, rules_);
    scheduler_ = std::make_unique<ExportScheduler>(store(), *committer_, rules_, *engine_, clock_, std::move(jobs));
  }
  void Turn() {
    const auto next = scheduler_->NextRun();
    ASSERT_TRUE(next);
    if (*next > clock_.Now()) return;
    const Status done = scheduler_->RunDue();
    EXPECT_TRUE(done) << done.error().message;
  }
  void GoTo(const std::string& time) { clock_.Set(ParseTime(time).value()); }
  Names Files() {
    Names names;
    if (!std::filesystem::exists(folder_.File("out"))) return names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.File("out"))) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  std::string Next() { return FormatTime(scheduler_->NextRun().value()); }

  const RuleSet rules_ = ShippedRules();
  FakeClock clock_{kStart};  // 09:00 in Tokyo
  TemporaryFolder folder_;
  std::unique_ptr<GroupCommitter> committer_;
  std::unique_ptr<FindingsEngine> engine_;
  std::unique_ptr<ExportScheduler> scheduler_;
};

TEST_P(Exports, FirstStartWaitsForTheFirstScheduledTime) {
  EXPECT_EQ(Next(), "2026-04-01T17:00:00Z");
  EXPECT_TRUE(Files().empty());
  const v1::ExportJob job = scheduler_->Jobs().at(0);
  EXPECT_FALSE(job.has_last_run());
  EXPECT_EQ(job.last_result(), "");
  EXPECT_EQ(job.schedule(), "daily 02:00 Asia/Tokyo");
  EXPECT_EQ(FormatTime(FromTimestamp(job.next_run())), "2026-04-01T17:00:00Z");
}

TEST_P(Exports, RunsAtItsTimeOnceAndTellsTheResult) {
  GoTo("2026-04-01T16:59:59Z");
  Turn();
  EXPECT_TRUE(Files().empty());
  GoTo("2026-04-01T17:00:04Z");
  Turn();
  Turn();
  EXPECT_EQ(Files(), Names{"nightly-20260402-0200.csv"});
  EXPECT_EQ(Next(), "2026-04-02T17:00:00Z");
  const std::string file = folder_.File("out/nightly-20260402-0200.csv");
  const v1::ExportJob job = scheduler_->Jobs().at(0);
  EXPECT_EQ(job.last_result(), "ok: " + file + " (1 rows)");
  EXPECT_EQ(job.last_file(), file);
  EXPECT_TRUE(ReadFile(file)->starts_with("\xef\xbb\xbf管理番号,"));
  struct stat status{};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0640u);
}

TEST_P(Exports, MissedTimesAreMadeUpForOnceAlsoIfTheJobNeverRan) {
  GoTo("2026-04-06T03:00:00Z");  // five times were missed
  Restart();
  EXPECT_EQ(Files(), Names{"nightly-20260406-1200.csv"});
  Restart();
  EXPECT_EQ(Files().size(), 1u);
  EXPECT_EQ(Next(), "2026-04-06T17:00:00Z");
}

// On PostgreSQL a collector does not know at its first look whether it leads: it only reads what others have done.
TEST_P(Exports, JobThatWasFirstReadForOthersRunsAtItsTime) {
  Make({Job("other", "daily 02:00")});
  ASSERT_TRUE(scheduler_->Reload());
  Turn();
  EXPECT_EQ(Next(), "2026-04-01T17:00:00Z");
  GoTo("2026-04-01T17:00:00Z");
  Turn();
  EXPECT_EQ(Files(), Names{"other-20260402-0200.csv"});
}

TEST_P(Exports, LastResultIsKnownAfterARestart) {
  GoTo("2026-04-01T17:00:00Z");
  Turn();
  const std::string result = scheduler_->Jobs().at(0).last_result();
  Restart();
  EXPECT_EQ(scheduler_->Jobs().at(0).last_result(), result);
  EXPECT_EQ(Files().size(), 1u);
}

TEST_P(Exports, RetentionKeepsTheNewestOfThisJobAndTouchesNothingElse) {
  for (const char* name : {"nightly-notes.csv", "weekly-20200101-0200.csv", "nightly-20200101-0200.jsonl"}) {
    ASSERT_TRUE(WriteFileAtomically(folder_.File("out/") + name, "kept"));
  }
  ASSERT_TRUE(WriteFileAtomically(folder_.File("out/nightly-20200101-0200.csv"), "old"));
  Restart({Job("nightly", "daily 02:00", 2)});
  for (int day = 1; day <= 4; ++day) {
    clock_.Set(kStart + day * kDay);
    Turn();
  }
  EXPECT_EQ(Files(), (Names{"nightly-20200101-0200.jsonl", "nightly-20260404-0900.csv", "nightly-20260405-0900.csv",
                            "nightly-notes.csv", "weekly-20200101-0200.csv"}));
}

TEST_P(Exports, FolderOfPeopleKeepsItsMode) {
  std::filesystem::permissions(folder_.File("out"), std::filesystem::perms(0770));
  GoTo("2026-04-01T17:00:00Z");
  Turn();
  struct stat status{};
  ASSERT_EQ(::stat(folder_.File("out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0770u);
}

// A mistyped name or a share that is not mounted: a folder made in its place would hide it.
TEST_P(Exports, MissingFolderIsToldAndNotMade) {
  std::filesystem::remove(folder_.File("out"));
  GoTo("2026-04-01T17:00:00Z");
  Turn();
  EXPECT_EQ(scheduler_->Jobs().at(0).last_result(),
            "failed: folder " + folder_.File("out") + " does not exist; create it or mount it");
  EXPECT_FALSE(std::filesystem::exists(folder_.File("out")));
}

TEST_P(Exports, FailureIsToldAndTriedAgainAtTheNextTime) {
  std::filesystem::remove(folder_.File("out"));
  ASSERT_TRUE(WriteFileAtomically(folder_.File("out"), "a file where the folder should be"));
  GoTo("2026-04-01T17:00:00Z");
  Turn();
  EXPECT_EQ(scheduler_->Jobs().at(0).last_result(), "failed: folder " + folder_.File("out") + " is not a folder");
  EXPECT_EQ(AskOne(store(), "SELECT ok FROM export_run WHERE result <> ''"), "0");
  EXPECT_EQ(Next(), "2026-04-02T17:00:00Z");
  std::filesystem::remove(folder_.File("out"));
  ASSERT_TRUE(MakeFolder(folder_.File("out")));
  GoTo("2026-04-02T17:00:00Z");
  Turn();
  EXPECT_EQ(Files(), Names{"nightly-20260403-0200.csv"});
  EXPECT_TRUE(scheduler_->Jobs().at(0).last_result().starts_with("ok: "));
}

// A database that is away for a minute at the scheduled time: a weekly report must not be a week late.
TEST_P(Exports, LedgerThatCannotBeReadPutsTheJobOffForAMinute) {
  place().Tamper(GetParam().name == "Sqlite" ? "DROP VIEW export_run" : "DROP VIEW daicho_view.export_run");
  GoTo("2026-04-01T17:00:00Z");
  EXPECT_FALSE(scheduler_->RunDue());
  EXPECT_EQ(Files(), Names());
  EXPECT_EQ(Next(), "2026-04-01T17:01:00Z");
  GoTo("2026-04-01T17:01:00Z");
  place().Tamper(
      GetParam().name == "Sqlite"
          ? "CREATE VIEW export_run AS SELECT name, at, ok, result, file FROM export_entry"
          : "CREATE VIEW daicho_view.export_run AS SELECT name, at, ok, result, file FROM daicho.export_entry; "
            "GRANT SELECT ON daicho_view.export_run TO PUBLIC");
  Turn();
  EXPECT_EQ(Files(), Names{"nightly-20260402-0201.csv"});
}

// Reads the time as the scheduler has read the former runs, and lets the database go just then.
class ClockOfAnOutage final : public Clock {
 public:
  ClockOfAnOutage(UnixTime now, std::function<void()> outage) : now_(now), outage_(std::move(outage)) {}
  UnixTime Now() const override {
    if (calls_left_ > 0 && --calls_left_ == 0) outage_();
    return now_;
  }
  void OutageAtCall(int call) { calls_left_ = call; }

 private:
  const UnixTime now_;
  const std::function<void()> outage_;
  mutable int calls_left_ = 0;
};

TEST_P(Exports, LedgerThatGoesAwayInTheMiddleOfARunPutsTheJobOffForAMinute) {
  const std::string outage = GetParam().name == "Sqlite"
                                 ? "DROP VIEW export_run; DROP VIEW device"
                                 : "DROP VIEW daicho_view.export_run, daicho_view.device CASCADE";
  ClockOfAnOutage clock(ParseTime("2026-04-01T17:00:00Z").value(), [&] { place().Tamper(outage); });
  scheduler_ = std::make_unique<ExportScheduler>(store(), *committer_, rules_, *engine_, clock,
                                                 std::vector{Job("nightly", "daily 02:00")});
  clock.OutageAtCall(3);  // RunDue() itself, its first reading, and the one before the jobs
  EXPECT_FALSE(scheduler_->RunDue());
  EXPECT_EQ(Files(), Names());
  EXPECT_EQ(scheduler_->Jobs().at(0).last_result(), "") << "it has not failed, it is still due";
  EXPECT_EQ(Next(), "2026-04-01T17:01:00Z");
}

// A file's limit stands for a disk's: the write fails in the middle of the report.
TEST_P(Exports, FullDiskIsToldAndLeavesNoFile) {
  constexpr std::size_t kLarge = 50'000;
  Rows rows;
  for (int i = 0; i < 20; ++i) {
    v1::Software software;
    software.ParseFromString(PackageRow("package-" + std::to_string(i), "1"));
    software.set_publisher(std::string(kLarge, 'x'));
    rows.push_back(RowBytes(software));
  }
  for (int device = 2; device <= 40; ++device) {  // 40 MB, and an SQLite ledger of less than 10
    EnrolDevice(store(), DeviceId(device), "pc-" + std::to_string(device), kStart);
    FeedSection(store(), DeviceId(device), "software", rows, kStart);
  }
  ExportJob job = Job("nightly", "daily 02:00");
  job.what = "software";
  Restart({job});
  GoTo("2026-04-01T17:00:00Z");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  ::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{.rlim_cur = 20 << 20, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  Turn();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(scheduler_->Jobs().at(0).last_result(),
            "failed: " + folder_.File("out/nightly-20260402-0200.csv") + ": cannot write: File too large");
  EXPECT_EQ(Files(), Names());
  GoTo("2026-04-02T17:00:00Z");
  Turn();
  EXPECT_EQ(Files(), Names{"nightly-20260403-0200.csv"});
}

TEST_P(Exports, JobsRunEachAtItsOwnTime) {
  Restart({Job("weekly", "weekly monday 06:30"), Job("nightly", "daily 02:00 Europe/Berlin")});
  EXPECT_EQ(Next(), "2026-04-02T00:00:00Z");
  GoTo("2026-04-02T00:00:00Z");
  Turn();
  EXPECT_EQ(Files(), Names{"nightly-20260402-0200.csv"});
  GoTo("2026-04-05T21:30:00Z");
  Turn();
  EXPECT_EQ(Files(), (Names{"nightly-20260402-0200.csv", "nightly-20260405-2330.csv", "weekly-20260406-0630.csv"}));
  EXPECT_EQ(scheduler_->Jobs().at(0).name(), "weekly");
}

TEST_P(Exports, WithoutJobsThereIsNothingToDo) {
  ExportScheduler none(store(), *committer_, rules_, *engine_, clock_, {});
  EXPECT_FALSE(none.NextRun());
  EXPECT_TRUE(none.RunDue());
  EXPECT_TRUE(none.Jobs().empty());
}

// The last device's software cannot be read: what was written of the others is no report.
TEST(ExportOfADamagedLedger, LeavesNoFile) {
  const TemporaryFolder folder;
  const std::string ledger = folder.File("ledger.sqlite");
  ASSERT_TRUE(MakeFolder(folder.File("out")));
  const auto store = OpenSqliteStore(ledger, {.create = true}).value();
  for (int device : {1, 2}) {
    EnrolDevice(*store, DeviceId(device), "pc-" + std::to_string(device), kStart);
    FeedSection(*store, DeviceId(device), "software", {PackageRow("bash", "5", kStart)}, kStart);
  }
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(ledger.c_str(), &other), SQLITE_OK);
  EXPECT_EQ(
      sqlite3_exec(other, "UPDATE software_period SET tails = x'0101' WHERE device = 2", nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close(other);
  const RuleSet rules = ShippedRules();
  FakeClock clock(kStart);
  GroupCommitter committer(*store);
  FindingsEngine engine(*store, committer, clock, rules);
  ExportScheduler scheduler(*store, committer, rules, engine, clock,
                            {{.name = "nightly",
                              .what = "software",
                              .format = "csv",
                              .lang = Language::kJapanese,
                              .folder = folder.File("out"),
                              .schedule = ParseSchedule("daily 02:00").value(),
                              .keep = 1}});
  ASSERT_TRUE(scheduler.RunDue());
  clock.Advance(kDay);
  ASSERT_TRUE(scheduler.RunDue());
  EXPECT_EQ(scheduler.Jobs().at(0).last_result(),
            "failed: store " + ledger + ": software set is damaged: tails are not a zstd frame of a fitting size");
  EXPECT_TRUE(std::filesystem::is_empty(folder.File("out")));
}

INSTANTIATE_TEST_SUITE_P(Engines, Exports, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
