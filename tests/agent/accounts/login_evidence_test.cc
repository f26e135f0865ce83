// When accounts were used last, and since when the records would have shown it.
#include "agent/sources/linux/login_evidence.h"

#include <gtest/gtest.h>

#include <set>

#include "agent/sources/linux/wtmp_family.h"
#include "tests/agent/accounts/login_files.h"
#include "tests/agent/fake_tree.h"

namespace daicho::agent {
namespace {

FileInfo Born(UnixTime at, UnixTime modified_at = 0) {
  FileInfo info;
  info.born_at = at;
  info.modified_at = modified_at;
  return info;
}

struct Seen {
  std::vector<AccountUse> uses;
  FileIssues issues;

  const AccountUse& operator[](std::size_t i) const { return uses[i]; }
};

const std::vector<LoginName> kAccounts = {{"tanaka", 1001}, {"suzuki", 1002}};

Seen Look(const FakeTree& tree, const std::vector<LoginName>& accounts = kAccounts) {
  Seen seen;
  seen.uses = ReadLoginEvidence(tree, accounts, kNow, seen.issues);
  return seen;
}

std::string Describe(const AccountUse& use) {
  return (use.last_at ? std::to_string((kNow - *use.last_at) / kDay) + " days ago, " : "no use, ") + use.source + " " +
         use.from + (use.evidence_since ? ", " + std::to_string((kNow - *use.evidence_since) / kDay) + " days" : "");
}

TEST(LoginEvidence, NoRecordsProveNothing) {
  const Seen seen = Look(FakeTree());
  EXPECT_EQ(Describe(seen[0]), "no use,  ");
  EXPECT_TRUE(seen.issues.kept().empty());
}

TEST(LoginEvidence, NewestLoginOfEachName) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 40 * kDay) + Login("tanaka", kNow - 30 * kDay, "10.0.0.1") +
                                 Login("other", kNow - 29 * kDay) + Login("tanaka", kNow - 20 * kDay, "10.0.0.2") +
                                 MakeLoginRecord({.type = 8, .user = "tanaka", .at = kNow - 10 * kDay}));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "20 days ago, wtmp 10.0.0.2, 40 days");
  EXPECT_EQ(Describe(seen[1]), "no use,  , 40 days");
  EXPECT_TRUE(seen.issues.kept().empty());
}

TEST(LoginEvidence, TerminalStandsInForAMissingHost) {
  FakeTree tree;
  tree.File("/var/log/wtmp", MakeLoginRecord({.user = "tanaka", .line = "tty1", .at = kNow - kDay}));
  EXPECT_EQ(Look(tree)[0].from, "tty1");
}

TEST(LoginEvidence, PseudoRecordsAreNobodysUse) {
  FakeTree tree;
  std::string wtmp = Boot(kNow - 9 * kDay);
  wtmp += MakeLoginRecord({.type = 1, .user = "runlevel", .line = "~", .at = kNow - 9 * kDay});
  wtmp += MakeLoginRecord({.type = 1, .user = "shutdown", .line = "~", .at = kNow - 8 * kDay});
  wtmp += MakeLoginRecord({.type = 6, .user = "LOGIN", .line = "tty1", .at = kNow - 8 * kDay});
  tree.File("/var/log/wtmp", wtmp);
  const Seen seen = Look(tree, {{"reboot", 1}, {"runlevel", 2}, {"shutdown", 3}, {"LOGIN", 4}, {"wtmp", 5}});
  for (const AccountUse& use : seen.uses) EXPECT_EQ(Describe(use), "no use,  , 9 days");
}

TEST(LoginEvidence, SomebodyMayBeCalledReboot) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 9 * kDay) + Login("reboot", kNow - 3 * kDay) + Login("wtmp", kNow - 2 * kDay));
  const Seen seen = Look(tree, {{"reboot", 1001}, {"wtmp", 1002}});
  EXPECT_EQ(Describe(seen[0]), "3 days ago, wtmp 10.1.2.33, 9 days");
  EXPECT_EQ(Describe(seen[1]), "2 days ago, wtmp 10.1.2.33, 9 days");
}

TEST(LoginEvidence, RotatedAndCompressedFilesReachBack) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay))
      .File("/var/log/wtmp.1", Boot(kNow - 40 * kDay))
      .File("/var/log/wtmp.2.gz", Gzip(Boot(kNow - 70 * kDay) + Login("tanaka", kNow - 60 * kDay)))
      .File("/var/log/wtmp.3.xz", Xz(Boot(kNow - 100 * kDay) + Login("suzuki", kNow - 90 * kDay)))
      .File("/var/log/wtmp.4.zst", Zstd(Boot(kNow - 130 * kDay) + Login("suzuki", kNow - 120 * kDay)));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "60 days ago, wtmp.2.gz 10.1.2.33, 130 days");
  EXPECT_EQ(Describe(seen[1]), "90 days ago, wtmp.3.xz 10.1.2.33, 130 days");
  EXPECT_TRUE(seen.issues.kept().empty());
}

TEST(LoginEvidence, AHoleInTheNumbersEndsTheReachButUseBeyondItCounts) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay))
      .File("/var/log/wtmp.1", Boot(kNow - 40 * kDay))
      .File("/var/log/wtmp.3", Login("tanaka", kNow - 100 * kDay));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "100 days ago, wtmp.3 10.1.2.33, 40 days");
}

TEST(LoginEvidence, WithoutTheCurrentFileNothingIsProved) {
  FakeTree tree;
  tree.File("/var/log/wtmp.1", Login("tanaka", kNow - 40 * kDay));
  EXPECT_EQ(Describe(Look(tree)[0]), "40 days ago, wtmp.1 10.1.2.33");
  EXPECT_FALSE(Look(tree)[1].evidence_since);
}

TEST(LoginEvidence, FileNumbersThatContradictTheirTimesEndTheReach) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay))
      .File("/var/log/wtmp.1", Boot(kNow - 90 * kDay))
      .File("/var/log/wtmp.2", Boot(kNow - 40 * kDay));
  EXPECT_EQ(*Look(tree)[0].evidence_since, kNow - 10 * kDay);
}

TEST(LoginEvidence, DatedFilesJoinOnWhileTheirStepsAreEven) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay))
      .File("/var/log/wtmp-20261101", Boot(kNow - 50 * kDay))
      .File("/var/log/wtmp-20261001.gz", Gzip(Boot(kNow - 80 * kDay)))
      .File("/var/log/wtmp-20260901.gz", Gzip(Boot(kNow - 110 * kDay)))
      .File("/var/log/wtmp-20260701.gz", Gzip(Boot(kNow - 170 * kDay)));  // August is missing
  EXPECT_EQ(*Look(tree)[0].evidence_since, kNow - 110 * kDay);
}

TEST(LoginEvidence, MixedNamesAreOrderedByTime) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay))
      .File("/var/log/wtmp-20261101", Boot(kNow - 50 * kDay))
      .File("/var/log/wtmp.1", Boot(kNow - 80 * kDay))
      .File("/var/log/wtmp.2.gz", Gzip(Boot(kNow - 110 * kDay)));
  EXPECT_EQ(*Look(tree)[0].evidence_since, kNow - 110 * kDay);
}

TEST(LoginEvidence, BirthOfTheOldestFileCountsBeforeItsFirstRecord) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay), Born(kNow - 25 * kDay));
  EXPECT_EQ(*Look(tree)[0].evidence_since, kNow - 25 * kDay);
  tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay), Born(kNow - kDay));  // a copy
  EXPECT_EQ(*Look(tree)[0].evidence_since, kNow - 10 * kDay);
}

TEST(LoginEvidence, BirthOfAFileThatIsCopiedAndEmptiedDoesNotCount) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay), Born(kNow - 900 * kDay))
      .File("/var/log/wtmp.1", Boot(kNow - 40 * kDay), Born(kNow - 11 * kDay));
  EXPECT_EQ(*Look(tree)[0].evidence_since, kNow - 40 * kDay);
}

// Nothing shows that logins are written to files that hold no record at all, not even of a boot.
TEST(LoginEvidence, FilesThatWereNeverWrittenProveNothing) {
  FakeTree tree;
  tree.File("/var/log/wtmp", "", Born(kNow - 550 * kDay, kNow - 550 * kDay))
      .File("/var/log/lastlog", std::string(292 * 1100, '\0'), Born(kNow - 550 * kDay));
  EXPECT_FALSE(Look(tree)[0].evidence_since);
}

TEST(LoginEvidence, EmptyFileOfTodayJoinsTheRotatedOne) {
  FakeTree tree;
  tree.File("/var/log/wtmp", "", Born(kNow - kDay, kNow - kDay))
      .File("/var/log/wtmp.1", Boot(kNow - 40 * kDay), Born(kNow - 41 * kDay));
  EXPECT_EQ(*Look(tree)[0].evidence_since, kNow - 41 * kDay);
}

TEST(LoginEvidence, CutRecordIsAnIssueAndWholeRecordsCount) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Login("tanaka", kNow - 9 * kDay) + Login("suzuki", kNow - 8 * kDay).substr(0, 200),
            Born(kNow - 90 * kDay));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "9 days ago, wtmp 10.1.2.33") << "what was cut off may be anybody's login";
  ASSERT_EQ(seen.issues.kept().size(), 1u);
  EXPECT_EQ(seen.issues.kept()[0].file, "/var/log/wtmp");
  EXPECT_EQ(seen.issues.kept()[0].record, 2u);
}

TEST(LoginEvidence, DamageShortensTheReachToWhatIsAfterIt) {
  const std::string good = Boot(kNow - 40 * kDay) + Login("tanaka", kNow - 30 * kDay);
  const struct {
    std::string what;
    std::string record;
  } cases[] = {{"time 0", Login("suzuki", 0)},
               {"future", Login("suzuki", kNow + 2 * kDay)},
               {"clock not set", Login("suzuki", 12)},
               {"zeros after a crash", std::string(384 * 3, '\0')},
               {"noise", std::string(384, '\x5a')}};
  for (const auto& [what, record] : cases) {
    FakeTree tree;
    tree.File("/var/log/wtmp", good + record + Boot(kNow - 20 * kDay) + Boot(kNow - 2 * kDay), Born(kNow - 90 * kDay))
        .File("/var/log/wtmp.1", Boot(kNow - 60 * kDay));
    const Seen seen = Look(tree);
    EXPECT_EQ(Describe(seen[0]), "30 days ago, wtmp 10.1.2.33, 20 days") << what;
    EXPECT_EQ(Describe(seen[1]), "no use,  , 20 days") << what;
    ASSERT_EQ(seen.issues.kept().size(), 1u) << what;
    EXPECT_EQ(seen.issues.kept()[0].record, 3u) << what;
  }
}

TEST(LoginEvidence, BootsBeforeTheClockWasSetSayNothing) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(7) + Boot(kNow - 40 * kDay) + Boot(0) + Boot(kNow - 3 * kDay));
  const Seen seen = Look(tree);
  EXPECT_EQ(*seen[0].evidence_since, kNow - 40 * kDay);
  EXPECT_TRUE(seen.issues.kept().empty());
}

TEST(LoginEvidence, UnreadableRotatedFileEndsTheReach) {
  const std::string old = Gzip(Boot(kNow - 60 * kDay) + Login("tanaka", kNow - 50 * kDay));
  for (const bool damaged : {false, true}) {
    FakeTree tree;
    tree.File("/var/log/wtmp", Boot(kNow - 10 * kDay)).File("/var/log/wtmp.2.gz", Gzip(Boot(kNow - 90 * kDay)));
    tree.File("/var/log/wtmp.1.gz", damaged ? old.substr(0, old.size() - 4) : old);
    if (!damaged) tree.Unreadable("/var/log/wtmp.1.gz");
    const Seen seen = Look(tree);
    EXPECT_EQ(Describe(seen[0]), "no use,  , 10 days");
    ASSERT_EQ(seen.issues.kept().size(), 1u);
    EXPECT_EQ(seen.issues.kept()[0].file, "/var/log/wtmp.1.gz");
  }
}

TEST(LoginEvidence, RotatedFileIsReadOnceWhateverItsNames) {
  FakeTree tree;
  FileInfo same;
  same.inode = 77;
  tree.File("/var/log/wtmp", Login("tanaka", kNow - 5 * kDay), same)
      .File("/var/log/wtmp.1", Login("tanaka", kNow - 5 * kDay), same)
      .File("/var/log/wtmp.2", Boot(kNow - 50 * kDay))
      .File("/var/log/wtmp.2.gz", "being written");
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "5 days ago, wtmp 10.1.2.33, 5 days");
  EXPECT_TRUE(seen.issues.kept().empty());
}

TEST(LoginEvidence, UtmpProvesUseButNoAbsence) {
  FakeTree tree;
  tree.File("/run/utmp", Boot(kNow - 9 * kDay) + Login("tanaka", kNow - kDay, "10.9.9.9") + std::string(384, '\0'));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "1 days ago, utmp 10.9.9.9");
  EXPECT_EQ(Describe(seen[1]), "no use,  ");
  EXPECT_TRUE(seen.issues.kept().empty());
}

TEST(LoginEvidence, LastlogProvesUseAndAbsenceSinceItsBirth) {
  FakeTree tree;
  std::string lastlog;
  SetLastlog(lastlog, 1001, kNow - 300 * kDay);
  tree.File("/var/log/lastlog", lastlog);
  EXPECT_EQ(Describe(Look(tree)[0]), "300 days ago, lastlog 10.1.2.44");
  tree.File("/var/log/lastlog", lastlog, Born(kNow - 500 * kDay));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "300 days ago, lastlog 10.1.2.44, 500 days");
  EXPECT_EQ(Describe(seen[1]), "no use,  , 500 days");
}

TEST(LoginEvidence, LastlogThatMissesALoginProvesNoAbsence) {
  FakeTree tree;
  std::string lastlog;
  SetLastlog(lastlog, 1001, kNow - 300 * kDay);
  // A display manager wrote wtmp only: suzuki may have come that way long ago, too.
  tree.File("/var/log/lastlog", lastlog, Born(kNow - 500 * kDay))
      .File("/var/log/wtmp", Boot(kNow - 30 * kDay) + Login("tanaka", kNow - 3 * kDay, ":0"));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "3 days ago, wtmp :0, 30 days");
  EXPECT_EQ(Describe(seen[1]), "no use,  , 30 days");
}

TEST(LoginEvidence, LastlogWrittenASecondBeforeWtmpBearsItOut) {
  FakeTree tree;
  std::string lastlog;
  SetLastlog(lastlog, 1001, kNow - 3 * kDay - 1);
  tree.File("/var/log/lastlog", lastlog, Born(kNow - 500 * kDay))
      .File("/var/log/wtmp", Boot(kNow - 30 * kDay) + Login("tanaka", kNow - 3 * kDay));
  EXPECT_EQ(Describe(Look(tree)[1]), "no use,  , 500 days");
}

TEST(LoginEvidence, SecondNameOfAUidDoesNotInheritALogin) {
  FakeTree tree;
  std::string lastlog;
  SetLastlog(lastlog, 0, kNow - 2 * kDay);
  tree.File("/var/log/lastlog", lastlog, Born(kNow - 500 * kDay))
      .File("/var/log/wtmp", Boot(kNow - 30 * kDay) + Login("root", kNow - 2 * kDay));
  const Seen seen = Look(tree, {{"root", 0}, {"toor", 0}});
  EXPECT_EQ(Describe(seen[0]), "2 days ago, wtmp 10.1.2.33, 30 days");
  EXPECT_EQ(Describe(seen[1]), "no use,  , 30 days");
  ASSERT_EQ(seen.issues.kept().size(), 1u);
  EXPECT_EQ(seen.issues.kept()[0].record, 1u);
}

// wtmp does not know of the login that lastlog has of this uid: it may have been either account.
TEST(LoginEvidence, LoginOfASharedUidEndsTheProofOfAbsence) {
  FakeTree tree;
  std::string lastlog;
  SetLastlog(lastlog, 0, kNow - 2 * kDay);
  tree.File("/var/log/lastlog", lastlog).File("/var/log/wtmp", Boot(kNow - 300 * kDay));
  const Seen seen = Look(tree, {{"root", 0}, {"toor", 0}});
  EXPECT_EQ(Describe(seen[0]), "no use,  , 2 days");
  EXPECT_EQ(Describe(seen[1]), "no use,  , 2 days");
}

TEST(LoginEvidence, LastlogEntryAtAnImpossibleTimeIsAnIssue) {
  FakeTree tree;
  std::string lastlog;
  SetLastlog(lastlog, 1001, kNow + 30 * kDay);
  SetLastlog(lastlog, 1002, kNow - 30 * kDay);
  tree.File("/var/log/lastlog", lastlog, Born(kNow - 500 * kDay));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "no use,  ");
  EXPECT_EQ(Describe(seen[1]), "30 days ago, lastlog 10.1.2.44, 500 days");
  ASSERT_EQ(seen.issues.kept().size(), 1u);
  EXPECT_EQ(seen.issues.kept()[0].record, 1002u);
}

TEST(LoginEvidence, CutLastlogProvesUseOnly) {
  FakeTree tree;
  std::string lastlog;
  SetLastlog(lastlog, 1001, kNow - 30 * kDay);
  tree.File("/var/log/lastlog", lastlog + "half a record", Born(kNow - 500 * kDay));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "30 days ago, lastlog 10.1.2.44");
  EXPECT_EQ(seen.issues.kept().size(), 1u);
}

// One login of a large uid makes a sparse file of many gigabytes.
class SparseLastlogTree final : public FileTree {
 public:
  Result<std::string> Read(std::string_view path, std::size_t) const override {
    const std::string text(path);
    return Fail(text == "/var/log/lastlog" ? Code::kResourceExhausted : Code::kNotFound, text + ": not read whole");
  }
  Result<std::string> ReadAt(std::string_view, std::uint64_t offset, std::size_t size) const override {
    ++reads_;
    std::string record;
    if (offset == 1001ull * 292) SetLastlog(record, 0, kNow - 3 * kDay);
    if (offset == 4'000'000'000ull * 292) SetLastlog(record, 0, kNow - 2 * kDay);
    record.resize(size);
    return record;
  }
  Result<std::vector<std::string>> List(std::string_view path) const override {
    return Fail(Code::kNotFound, std::string(path) + ": no such folder");
  }
  Result<FileInfo> Stat(std::string_view path) const override {
    if (path != "/var/log/lastlog") return Fail(Code::kNotFound, std::string(path) + ": no such file");
    return FileInfo{.kind = FileKind::kRegular, .size = 4'000'000'001ull * 292, .born_at = kNow - 500 * kDay};
  }
  Result<std::string> ReadLink(std::string_view path) const override {
    return Fail(Code::kNotFound, std::string(path) + ": no such link");
  }
  int reads() const { return reads_; }

 private:
  mutable int reads_ = 0;
};

TEST(LoginEvidence, LastlogOfALargeUidHidesNobodysLogin) {
  const SparseLastlogTree tree;
  const std::vector<LoginName> accounts = {{"tanaka", 1001}, {"suzuki", 1002}, {"ad", 4'000'000'000}, {"no", ~1u}};
  FileIssues issues;
  const auto uses = ReadLoginEvidence(tree, accounts, kNow, issues);
  EXPECT_EQ(Describe(uses[0]), "3 days ago, lastlog 10.1.2.44, 500 days");
  EXPECT_EQ(Describe(uses[1]), "no use,  , 500 days");
  EXPECT_EQ(Describe(uses[2]), "2 days ago, lastlog 10.1.2.44, 500 days");
  EXPECT_EQ(Describe(uses[3]), "no use,  , 500 days");
  EXPECT_EQ(tree.reads(), 3) << "one record for each account within the file";
  EXPECT_TRUE(issues.kept().empty());
}

TEST(LoginEvidence, UnreadableLastlogIsAnIssue) {
  FakeTree tree;
  tree.File("/var/log/lastlog", std::string(292 * 1002, '\1'), Born(kNow - 500 * kDay))
      .Unreadable("/var/log/lastlog")
      .File("/var/log/wtmp", Boot(kNow - 30 * kDay) + Login("tanaka", kNow - 3 * kDay));
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "3 days ago, wtmp 10.1.2.33, 30 days");
  ASSERT_EQ(seen.issues.kept().size(), 1u);
  EXPECT_EQ(seen.issues.kept()[0].file, "/var/log/lastlog");
  EXPECT_EQ(seen.issues.kept()[0].message, "cannot read") << "the path is not said twice";
}

TEST(LoginEvidence, LastlogWithEntriesOfNoLocalAccountProvesNothing) {
  FakeTree tree;
  std::string lastlog;
  SetLastlog(lastlog, 5000, kNow - 3 * kDay);
  tree.File("/var/log/lastlog", lastlog, Born(kNow - 500 * kDay));
  EXPECT_FALSE(Look(tree)[0].evidence_since);
}

// 64-bit times: wtmp has records of 400 bytes there, lastlog of 296.
TEST(LoginEvidence, RecordsOfAnotherArchitectureAreRefused) {
  const auto foreign = [](std::string_view user) {
    return Login(user, kNow - 3 * kDay).substr(0, 340) + std::string(60, '\0');
  };
  FakeTree tree;
  std::string lastlog(296 * 1002, '\0');
  lastlog.replace(292 * 1001, 4, "\x20\x20\x20\x60");
  for (int records = 1; records <= 24; ++records) {
    std::string wtmp;
    for (int i = 0; i < records; ++i) wtmp += foreign("tanaka");
    tree.File("/var/log/wtmp", wtmp, Born(kNow - 500 * kDay)).File("/run/utmp", wtmp);
    tree.File("/var/log/lastlog", lastlog, Born(kNow - 500 * kDay));
    const Seen seen = Look(tree);
    EXPECT_EQ(Describe(seen[0]), "no use,  ") << records;
    ASSERT_EQ(seen.issues.kept().size(), 3u) << records;
    for (const FileIssue& issue : seen.issues.kept()) EXPECT_TRUE(issue.message.contains("another architecture"));
  }
  std::string ours;  // 25 records of 384 bytes are 24 of 400
  for (int i = 0; i < 25; ++i) ours += Login("tanaka", kNow - 3 * kDay);
  tree.File("/var/log/wtmp", ours);
  EXPECT_TRUE(Look(tree)[0].last_at);
}

TEST(LoginEvidence, IsTheSameHoweverTheFileComesInPieces) {
  const std::string zeros(150 * 384, '\0');  // a run of damage that is longer than a piece
  std::string logins;
  for (int i = 0; i < 200; ++i) logins += Login("tanaka", kNow - 90 * kDay + i * 600, "10.0.0." + std::to_string(i));
  const std::string damaged = Boot(kNow - 99 * kDay) + zeros + logins + Login("tanaka", kNow + 9 * kDay) + "cut";
  std::string foreign;
  for (int i = 0; i < 200; ++i) foreign += Login("tanaka", kNow - 3 * kDay).substr(0, 340) + std::string(60, '\0');
  for (const std::string& wtmp : {damaged, logins, foreign}) {
    std::set<std::string> seen;
    for (const std::size_t piece : {1u, 100u, 4096u, 1u << 20}) {
      FakeTree tree;
      tree.PieceBytes(piece).File("/var/log/wtmp", wtmp).File("/run/utmp", wtmp);
      const Seen evidence = Look(tree);
      std::string all = Describe(evidence[0]);
      for (const FileIssue& issue : evidence.issues.kept()) {
        all += "\n" + issue.file + ":" + std::to_string(issue.record.value_or(0)) + ": " + issue.message;
      }
      seen.insert(all);
    }
    EXPECT_EQ(seen.size(), 1u) << testing::PrintToString(seen);
  }
}

TEST(LoginEvidence, RecordsKeptInADatabaseProveNoAbsenceElsewhere) {
  FakeTree tree;
  tree.File("/var/log/wtmp", Boot(kNow - 900 * kDay) + Login("tanaka", kNow - 800 * kDay))
      .File("/var/lib/wtmpdb/wtmp.db", "SQLite format 3");
  const Seen seen = Look(tree);
  EXPECT_EQ(Describe(seen[0]), "800 days ago, wtmp 10.1.2.33");
  EXPECT_EQ(seen.issues.kept().size(), 1u);
}

TEST(LoginEvidence, NameThatFillsItsFieldIsFoundAndALongerOneIsUnknown) {
  const std::string full(32, 'a');
  const std::string longer(33, 'a');
  FakeTree tree;
  tree.File("/var/log/wtmp", Login(full, kNow - kDay));
  const Seen seen = Look(tree, {{full, 1}, {longer, 2}});
  EXPECT_EQ(Describe(seen[0]), "1 days ago, wtmp 10.1.2.33, 1 days");
  EXPECT_EQ(Describe(seen[1]), "no use,  ");
}

TEST(WtmpFamily, KnowsItsNames) {
  const struct {
    std::string_view name;
    std::optional<std::uint32_t> number;
    bool day;
    bool member;
  } cases[] = {{"wtmp", {}, false, true},
               {"wtmp.1", 1, false, true},
               {"wtmp.12.gz", 12, false, true},
               {"wtmp-20260301", {}, true, true},
               {"wtmp-20260301.xz", {}, true, true},
               {"wtmp-20260301-1772323200.zst", {}, true, true},
               {"wtmp-20261399", {}, false, false},
               {"wtmp.old", {}, false, false},
               {"wtmp.1.bak", {}, false, false},
               {"wtmpdb", {}, false, false},
               {"wtmp.gz", {}, false, false},
               {"wtmp.99999999999", {}, false, false},
               {"btmp.1", {}, false, false},
               {"wtmp.", {}, false, false}};
  for (const auto& [name, number, day, member] : cases) {
    const auto parsed = ParseWtmpName(name);
    ASSERT_EQ(parsed.has_value(), member) << name;
    if (!parsed) continue;
    EXPECT_EQ(parsed->number, number) << name;
    EXPECT_EQ(parsed->day.has_value(), day) << name;
  }
}

TEST(WtmpFamily, PrefersWhatIsNotCompressed) {
  const std::vector<std::string> names = {"btmp",   "wtmp",      "wtmp-20260101.gz", "wtmp-20260201",
                                          "wtmp.1", "wtmp.1.gz", "wtmp.10.gz",       "wtmp.2.gz"};
  std::vector<std::string> family;
  for (const WtmpName& name : FindWtmpFamily(names)) family.push_back(name.name);
  EXPECT_EQ(family, (std::vector<std::string>{"wtmp", "wtmp.1", "wtmp.2.gz", "wtmp.10.gz", "wtmp-20260201",
                                              "wtmp-20260101.gz"}));
}

}  // namespace
}  // namespace daicho::agent
