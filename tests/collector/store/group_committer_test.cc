// The committer before a store that does not take writes for a while: somebody else (a backup tool, a person with
// sqlite3) holds its lock.
#include "collector/store/group_committer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "collector/store/sqlite_store.h"
#include "tests/collector/store/reports.h"
#include "tests/temporary_folder.h"

namespace daicho::collector::testing {
namespace {

using ::testing::HasSubstr;

// Another process' write transaction.
class ForeignLock {
 public:
  explicit ForeignLock(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) throw std::runtime_error(path);
    Run("BEGIN IMMEDIATE");
  }
  ~ForeignLock() { sqlite3_close(db_); }
  ForeignLock(const ForeignLock&) = delete;
  ForeignLock& operator=(const ForeignLock&) = delete;
  void Release() { Run("ROLLBACK"); }

 private:
  void Run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(db_));
  }
  sqlite3* db_ = nullptr;
};

// What became of writes that were submitted without waiting.
class Outcomes {
 public:
  GroupCommitter::Done Next() {
    return [this](Result<StoreWrite> done) {
      const std::lock_guard lock(mutex_);
      if (done) {
        ++done_;
      } else {
        refused_.push_back(done.error());
      }
      changed_.notify_all();
    };
  }
  std::vector<Error> refused() {
    const std::lock_guard lock(mutex_);
    return refused_;
  }
  int WaitForDone(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(30), [&] { return done_ >= count; });
    return done_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int done_ = 0;
  std::vector<Error> refused_;
};

class GroupCommitterTest : public ::testing::Test {
 protected:
  static JournalWrite Entry() {
    return {.at = kStart, .actor = "collector", .action = "test", .detail = "", .result = {}};
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.File("ledger.db");
  const std::unique_ptr<Store> store_ = std::move(*OpenSqliteStore(path_, {.create = true}));
  Outcomes outcomes_;
};

TEST_F(GroupCommitterTest, LockedStoreFillsTheQueueAndTheRestIsToldToComeAgain) {
  GroupCommitter committer(*store_, {}, {.batch_writes = 1, .queue_writes = 3});
  ForeignLock lock(path_);
  for (int i = 0; i < 10; ++i) committer.SubmitThen(Entry(), 1, outcomes_.Next());
  const auto refused = outcomes_.refused();
  // The queue's three, and the one that waits for the lock, if it was taken from the queue by then.
  EXPECT_GE(refused.size(), 6u);
  EXPECT_LE(refused.size(), 7u);
  EXPECT_EQ(refused.front().code, Code::kResourceExhausted);
  EXPECT_THAT(refused.front().message, HasSubstr("come again"));
  lock.Release();
  const int taken = 10 - static_cast<int>(refused.size());
  EXPECT_EQ(outcomes_.WaitForDone(taken), taken) << "what was taken is written once the lock is gone";
  EXPECT_EQ(AskOne(*store_, "SELECT count(*) FROM journal"), std::to_string(taken));
}

TEST_F(GroupCommitterTest, BytesThatWaitAreBoundedAndOneLargeWriteIsTakenAlone) {
  GroupCommitter committer(*store_, {}, {.queue_bytes = 100});
  ForeignLock lock(path_);
  committer.SubmitThen(Entry(), 1'000, outcomes_.Next());
  EXPECT_EQ(outcomes_.refused().size(), 0u) << "a write of any size is taken while nothing waits";
  committer.SubmitThen(Entry(), 1, outcomes_.Next());
  EXPECT_EQ(outcomes_.refused().size(), 1u);
  lock.Release();
  EXPECT_EQ(outcomes_.WaitForDone(1), 1);
  // There is room again once the caller has been told, which may be a moment after it has counted itself here.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  bool taken = false;
  while (!taken && std::chrono::steady_clock::now() < end) taken = committer.Submit(Entry()).has_value();
  EXPECT_TRUE(taken);
}

TEST_F(GroupCommitterTest, BatchIsBoundedByItsBytes) {
  std::vector<std::size_t> batches;
  {
    GroupCommitter committer(*store_, [&](const CommitOutcome& commit) { batches.push_back(commit.writes); },
                             {.batch_bytes = 100});
    ForeignLock lock(path_);
    for (int i = 0; i < 9; ++i) committer.SubmitThen(Entry(), 40, outcomes_.Next());
    lock.Release();
  }
  EXPECT_EQ(outcomes_.WaitForDone(9), 9) << "what was submitted is finished before the committer goes";
  for (const std::size_t writes : batches) EXPECT_LE(writes, 2u);
  EXPECT_GE(batches.size(), 5u);
}

}  // namespace
}  // namespace daicho::collector::testing
