// A backup or a restore that is stopped or killed halfway: what it leaves, and who takes it away.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <system_error>

#include "tests/e2e/site.h"

namespace daicho::e2e {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Stopped : public Site {
 protected:
  // With a ledger that takes a while to be copied.
  void SetUp() override {
    Site::SetUp();
    const Outcome filled = Execute(
        {"sqlite3", State() + "/ledger.sqlite",
         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) INSERT INTO export_entry "
         "(name, at, ok, result, file) SELECT 'e', i, 1, hex(randomblob(60)), '' FROM n"});
    ASSERT_EQ(filled.exit_code, 0) << filled.err;
    std::filesystem::create_directory(Path("there"));
    ASSERT_EQ(Collector({"backup", "--state", State(), Path("daicho.tar.zst")}).exit_code, 0);
  }

  std::vector<std::string> BackupTo(const std::string& name) const {
    return Command("daicho-collector", {"backup", "--state", State(), Path("there/" + name)});
  }
  std::vector<std::string> Work(const std::string& command) const {
    if (command == "backup") return BackupTo("daicho.tar.zst");
    return Command("daicho-collector", {"restore", "--state", Path("there/new"), Path("daicho.tar.zst")});
  }

  std::vector<std::string> Left() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(Path("there"))) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  // Whether one of the folders that were not there `before` has a file of the work in it, beside its mark. (Until then
  // it may have no mark yet, and whoever comes may take it for one that nobody has.)
  bool IsAtWork(const std::vector<std::string>& before) const {
    for (const std::string& name : Left()) {
      if (std::ranges::find(before, name) != before.end()) continue;
      std::error_code gone;
      for (const auto& entry : std::filesystem::directory_iterator(Path("there/" + name), gone)) {
        if (entry.path().filename() != ".daicho-scratch") return true;
      }
    }
    return false;
  }

  // Halfway: its folder is there with a part of the work, and it stands still.
  Background Halt(const std::vector<std::string>& command) const {
    const std::vector<std::string> before = Left();
    Background process(command, {}, Path("halted.log"));
    EXPECT_TRUE(WaitUntil([&] { return IsAtWork(before) || !process.Running(); }));
    ::kill(process.pid(), SIGSTOP);
    EXPECT_THAT(Left(), SizeIs(before.size() + 1)) << "it was too quick: " << ReadText(Path("halted.log"));
    return process;
  }
};

TEST_F(Stopped, OneThatIsStoppedTakesItsFolderWithIt) {
  for (const char* command : {"backup", "restore"}) {
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
      Background process = Halt(Work(command));
      ::kill(process.pid(), signal);
      ::kill(process.pid(), SIGCONT);
      EXPECT_EQ(process.Wait(), 128 + signal) << command << ReadText(Path("halted.log"));
      EXPECT_THAT(Left(), IsEmpty()) << command << " " << signal;
    }
  }
}

TEST_F(Stopped, FolderOfOneThatWasKilledIsRemovedByTheNextOne) {
  for (const char* command : {"backup", "restore"}) {
    EXPECT_EQ(Halt(Work(command)).Stop(SIGKILL), 128 + SIGKILL);
    ASSERT_THAT(Left(), SizeIs(1)) << command;
    const std::string left = Path("there/" + Left().front());
    const Outcome next = Execute(BackupTo("another"));
    EXPECT_EQ(next.exit_code, 0) << next.err;
    EXPECT_THAT(next.err, HasSubstr(left + ": removed"));
    EXPECT_EQ(Left(), std::vector<std::string>{"another"});
    std::filesystem::remove(Path("there/another"));
  }
}

TEST_F(Stopped, FolderThatSomebodyHasOrThatIsNotOursStays) {
  const std::vector<std::string> others = {"mine.scratch-abcdef", "x.scratch-12345", "y.XXXXXX"};
  for (const std::string& name : others) std::filesystem::create_directory(Path("there/" + name));
  WriteText(Path("there/x.scratch-12345/.daicho-scratch"), "");
  WriteText(Path("there/mine.scratch-abcdef/file"), "");
  Background living = Halt(BackupTo("one"));
  const Outcome other = Execute(BackupTo("two"));
  EXPECT_EQ(other.exit_code, 0) << other.err;
  EXPECT_THAT(other.err, Not(HasSubstr("removed")));
  EXPECT_THAT(Left(), SizeIs(others.size() + 2)) << "the folder of the first one, and the second one's file";
  ::kill(living.pid(), SIGCONT);
  EXPECT_EQ(living.Wait(), 0) << ReadText(Path("halted.log"));
  EXPECT_THAT(Left(), SizeIs(others.size() + 2)) << "two files";
  for (const std::string& name : others) EXPECT_TRUE(std::filesystem::exists(Path("there/" + name))) << name;
}

}  // namespace
}  // namespace daicho::e2e
