#include "collector/enrol/journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <memory>

#include "collector/store/sqlite_store.h"
#include "tests/collector/store/reports.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {
namespace {

using testing::AskOne;
using testing::kStart;

class JournalOnAFullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGXFSZ, SIG_IGN);
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &room_), 0);
  }
  // No file of this process may grow.
  void Fill() const {
    const rlimit full{.rlim_cur = 1, .rlim_max = room_.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &full), 0);
  }
  void Empty() const { ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &room_), 0); }

  const TemporaryFolder folder_;
  const std::unique_ptr<Store> store_ = std::move(*OpenSqliteStore(folder_.File("ledger.db"), {.create = true}));
  FakeClock clock_{kStart};
  GroupCommitter committer_{*store_};
  Journal journal_{committer_, clock_};

 private:
  rlimit room_{};
};

TEST_F(JournalOnAFullDisk, WhoOnlyLookedIsWrittenAfterwardsWithHisTime) {
  Fill();
  EXPECT_FALSE(journal_.Write("admin/a", "token.create", ""));
  EXPECT_TRUE(journal_.WriteOrKeep("admin/a", "devices.list", ""));
  journal_.WriteKept();
  EXPECT_FALSE(journal_.Write("admin/a", "token.create", "")) << "and what was tried meanwhile stays kept";
  EXPECT_TRUE(journal_.HasKept());
  Empty();
  clock_.Advance(60);
  journal_.WriteKept();
  ASSERT_TRUE(journal_.Write("collector", "store.recovered", ""));
  EXPECT_FALSE(journal_.HasKept());
  EXPECT_EQ(AskOne(*store_, "SELECT at FROM journal WHERE action = 'devices.list'"), std::to_string(kStart));
  EXPECT_EQ(AskOne(*store_, "SELECT count(*) FROM journal"), "2");
}

TEST_F(JournalOnAFullDisk, NobodyLooksOnceTooManyAreKept) {
  Fill();
  for (std::size_t i = 0; i < Journal::kMostKept; ++i) {
    ASSERT_TRUE(journal_.WriteOrKeep("admin/a", "devices.list", "")) << i;
  }
  EXPECT_FALSE(journal_.WriteOrKeep("admin/a", "devices.list", ""));
  Empty();
}

}  // namespace
}  // namespace daicho::collector
