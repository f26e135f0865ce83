// passwd(5), group(5), shadow(5), login.defs(5), and what their fields mean.
#include <gtest/gtest.h>

#include "agent/sources/linux/group_file.h"
#include "agent/sources/linux/login_defs.h"
#include "agent/sources/linux/login_shell.h"
#include "agent/sources/linux/passwd_file.h"
#include "agent/sources/linux/shadow_file.h"
#include "tests/agent/accounts/login_files.h"

namespace daicho::agent {
namespace {

std::vector<std::uint32_t> Lines(const FileIssues& issues) {
  std::vector<std::uint32_t> lines;
  for (const FileIssue& issue : issues.kept()) lines.push_back(issue.line.value_or(0));
  return lines;
}

using LineNumbers = std::vector<std::uint32_t>;

TEST(PasswordField, IsClassifiedAsPasswdDoes) {
  const struct {
    std::string_view field;
    std::string_view state;
  } cases[] = {
      {"", "empty"},
      {"*", "none"},
      {"!", "locked"},
      {"!!", "locked"},
      {"!*", "locked"},
      {"!$6$salt$hash", "locked"},
      {"!$y$j9T$salt$hash", "locked"},
      {"x", "none"},
      {"*LK*", "none"},
      {"NP", "none"},
      {"$", "none"},
      {"$6$", "none"},
      {"$6$salt$ha*sh", "none"},
      {"$1$salt$hash", "set"},
      {"$2b$12$abcdefghijklmnopqrstuu", "set"},
      {"$6$salt$abcdefgh", "set"},
      {"$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7", "set"},
      {"abJnggxhB/yWI", "set"},
      {"abJnggxhB/yW", "none"},
      {"_J9..K0AyUubDrfOgO4s", "set"},
  };
  for (const auto& [field, state] : cases) EXPECT_EQ(PasswordStateName(ClassifyPassword(field)), state) << field;
}

TEST(LoginShell, IsAnythingThatDoesNotEndAtOnce) {
  for (const std::string_view shell : {"/bin/bash", "", "/usr/bin/zsh", "/opt/kiosk", "/usr/bin/git-shell"}) {
    EXPECT_TRUE(IsLoginShell(shell)) << shell;
  }
  for (const std::string_view shell : {"/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/bin/sync", "nologin"}) {
    EXPECT_FALSE(IsLoginShell(shell)) << shell;
  }
}

TEST(PasswdFile, ReadsAccountsInOrder) {
  FileIssues issues;
  const PasswdFile file = ParsePasswd(
      "root:x:0:0:root:/root:/bin/bash\n"
      "# a comment\n"
      "\n"
      "tanaka:x:1001:1001:田中 太郎,2F,内線123:/home/tanaka:/bin/bash\n"
      "open::1002:1002::/home/open:\n"
      "old:$6$salt$abcdefgh:1003:1003::/home/old:/bin/sh\n",
      issues);
  EXPECT_TRUE(issues.kept().empty());
  EXPECT_FALSE(file.cut);
  ASSERT_EQ(file.entries.size(), 4u);
  EXPECT_EQ(file.entries[1].name, "tanaka");
  EXPECT_EQ(file.entries[1].uid, 1001u);
  EXPECT_EQ(file.entries[1].full_name, "田中 太郎");
  EXPECT_EQ(file.entries[1].line, 4u);
  EXPECT_FALSE(file.entries[1].password);
  EXPECT_EQ(file.entries[2].password, PasswordState::kEmpty);
  EXPECT_EQ(file.entries[2].shell, "");
  EXPECT_EQ(file.entries[3].password, PasswordState::kSet);
}

TEST(PasswdFile, MalformedLinesAreIssuesWithTheirLine) {
  const struct {
    std::string_view what;
    std::string_view line;
    std::size_t accounts;
  } cases[] = {
      {"no colon", "tanaka", 0},
      {"no uid", "tanaka:x::1000::/:/bin/sh", 0},
      {"uid is no number", "tanaka:x:one:1000::/:/bin/sh", 0},
      {"uid is negative", "tanaka:x:-1:1000::/:/bin/sh", 0},
      {"uid is too large", "tanaka:x:4294967296:1000::/:/bin/sh", 0},
      {"no gid", "tanaka:x:1000", 0},
      {"no name", ":x:0:0::/:/bin/sh", 0},
      {"control character", "ta\x01naka:x:0:0::/:/bin/sh", 0},
      {"NIS", "+@staff::::::", 0},
      {"fields missing, but the system takes it", "tanaka:x:1000:1000", 1},
      {"a field too many", "tanaka:x:1000:1000::/:/bin/sh:more", 1},
  };
  for (const auto& [what, line, accounts] : cases) {
    FileIssues issues;
    const PasswdFile file = ParsePasswd("root:x:0:0:root:/root:/bin/sh\n" + std::string(line) + "\n", issues);
    EXPECT_EQ(file.entries.size(), 1 + accounts) << what;
    EXPECT_EQ(Lines(issues), LineNumbers{2}) << what;
    EXPECT_FALSE(file.cut) << what;
  }
}

TEST(PasswdFile, HiddenRootBehindBlanksIsSeen) {
  FileIssues issues;
  const PasswdFile file = ParsePasswd("  toor:x: 0:+0::/:/bin/sh\n", issues);
  ASSERT_EQ(file.entries.size(), 1u);
  EXPECT_EQ(file.entries[0].name, "toor");
  EXPECT_EQ(file.entries[0].uid, 0u);
}

TEST(PasswdFile, CutInALineIsNotGuessed) {
  FileIssues issues;
  const PasswdFile file = ParsePasswd("root:x:0:0:root:/root:/bin/sh\ntanaka:x:1001:10", issues);
  EXPECT_EQ(file.entries.size(), 1u);
  EXPECT_TRUE(file.cut);
  EXPECT_EQ(Lines(issues), LineNumbers{2});
}

TEST(PasswdFile, MissingLastNewlineIsNoCut) {
  FileIssues issues;
  const PasswdFile file = ParsePasswd("root:x:0:0:root:/root:/bin/sh", issues);
  EXPECT_EQ(file.entries.size(), 1u);
  EXPECT_FALSE(file.cut);
  EXPECT_TRUE(issues.kept().empty());
}

TEST(PasswdFile, DosLineEndsAreReadAndTold) {
  FileIssues issues;
  const PasswdFile file =
      ParsePasswd("root:x:0:0:root:/root:/bin/sh\r\ntanaka:x:1001:1001::/home/tanaka:/bin/bash\r\n", issues);
  ASSERT_EQ(file.entries.size(), 2u);
  EXPECT_EQ(file.entries[1].shell, "/bin/bash");
  EXPECT_EQ(issues.kept().size(), 1u);
}

TEST(PasswdFile, SameNameAndUidCountsOnce) {
  FileIssues issues;
  const PasswdFile file = ParsePasswd(
      "a:x:1:1:first:/:/bin/sh\n"
      "a:x:1:1:second:/:/bin/sh\n"
      "a:x:2:1:other uid:/:/bin/sh\n",
      issues);
  ASSERT_EQ(file.entries.size(), 2u);
  EXPECT_EQ(file.entries[0].full_name, "first");
  EXPECT_EQ(file.entries[1].uid, 2u);
  EXPECT_EQ(Lines(issues), LineNumbers{2});
}

TEST(PasswdFile, NoiseIsBoundedIssuesAndNoAccounts) {
  std::string noise;
  for (int i = 0; i < 10'000; ++i) noise += static_cast<char>((i * 7919) >> 3);
  FileIssues issues;
  EXPECT_TRUE(ParsePasswd(noise, issues).entries.empty());
  EXPECT_LE(issues.kept().size(), kMaxIssuesPerFile);
  SectionBuilder section("accounts");
  issues.MoveTo(section);
  EXPECT_EQ(section.Take().issues_size(), static_cast<int>(kMaxIssuesPerFile) + 1);
}

TEST(GroupFile, ReadsMembers) {
  FileIssues issues;
  const GroupFile file = ParseGroup("sudo:x:27:tanaka, suzuki,\nempty:x:1005:\nshort:x:1006\n", issues);
  EXPECT_TRUE(issues.kept().empty());
  ASSERT_EQ(file.entries.size(), 3u);
  EXPECT_EQ(file.entries[0].members, (std::vector<std::string>{"tanaka", "suzuki"}));
  EXPECT_TRUE(file.entries[1].members.empty());
  EXPECT_EQ(file.entries[2].gid, 1006u);
}

TEST(GroupFile, MalformedAndCutLinesAreIssues) {
  FileIssues issues;
  const GroupFile file = ParseGroup("root:x:0:\nbad\nworse:x:none:\nroot:x:0:again\nlast:x:1", issues);
  EXPECT_EQ(file.entries.size(), 1u);
  EXPECT_TRUE(file.cut);
  EXPECT_EQ(Lines(issues), (LineNumbers{2, 3, 4, 5}));
}

TEST(ShadowFile, MalformedLinesTellNothingButTheirPlace) {
  FileIssues issues;
  const ShadowFile file = ParseShadow(
      "tanaka:$6$salt$topsecret:19000:0:99999:7:::\n"
      "suzuki:$6$salt$topsecret:soon:0:99999:7:::\n"
      "sato\n"
      "ito:$6$salt$topsec",
      issues);
  EXPECT_TRUE(file.cut);
  EXPECT_EQ(file.entries.at("tanaka").password, PasswordState::kSet);
  EXPECT_EQ(file.entries.at("tanaka").changed, 19000);
  EXPECT_FALSE(file.entries.at("suzuki").readable);
  EXPECT_FALSE(file.entries.at("sato").readable);
  EXPECT_FALSE(file.entries.at("ito").readable);
  EXPECT_EQ(Lines(issues), (LineNumbers{2, 3, 4}));
  for (const FileIssue& issue : issues.kept()) {
    for (const std::string_view secret : {"salt", "topsec", "$6", "suzuki"}) {
      EXPECT_EQ(issue.message.find(secret), std::string::npos) << issue.message;
    }
  }
}

TEST(ShadowFile, ExpiryFollowsPamUnix) {
  const std::int64_t today = kNow / kSecondsPerDay;
  const auto at = [&](std::int64_t days) { return std::to_string(today + days); };
  const struct {
    std::string what;
    std::string fields;  // from the last change on
    bool expired;
  } cases[] = {
      {"no dates", "19000:0:99999:7:::", false},
      {"nothing at all", "::::::", false},
      {"expires tomorrow", "19000:0:99999:7::" + at(1) + ":", false},
      {"expires today", "19000:0:99999:7::" + at(0) + ":", true},
      {"expired yesterday", "19000:0:99999:7::" + at(-1) + ":", true},
      {"chage -E 0", "19000:0:99999:7::0:", true},
      {"chage -E -1", "19000:0:99999:7::-1:", false},
      {"password old, no inactivity period", at(-400) + ":0:90:7:::", false},
      {"password old, still within the period", at(-100) + ":0:90:7:30::", false},
      {"password old, last day of the period", at(-120) + ":0:90:7:30::", false},
      {"password old, past the period", at(-121) + ":0:90:7:30::", true},
      {"must change at next login", "0:0:90:7:30::", false},
      {"last change in the future", at(10) + ":0:90:7:0::", false},
  };
  for (const auto& [what, fields, expired] : cases) {
    FileIssues issues;
    const ShadowFile file = ParseShadow("tanaka:$6$a$b:" + fields + "\n", issues);
    EXPECT_TRUE(issues.kept().empty()) << what;
    EXPECT_EQ(IsExpired(file.entries.at("tanaka"), kNow), expired) << what;
  }
}

TEST(LoginDefs, GivesTheRangeOfPeople) {
  const struct {
    std::string_view text;
    std::uint32_t min;
    std::uint32_t max;
    std::size_t issues;
  } cases[] = {
      {"", 1000, 60000, 0},
      {"UID_MIN\t\t\t  500\nUID_MAX 0x2000\n", 500, 8192, 0},
      {"#UID_MIN 1\nSYS_UID_MIN 101\nUID_MIN 01750 # octal\r\n", 1000, 60000, 0},
      {"UID_MIN many\nUID_MAX\n", 1000, 60000, 2},
  };
  for (const auto& [text, min, max, count] : cases) {
    FileIssues issues;
    const HumanUids uids = ParseLoginDefs(text, issues);
    EXPECT_EQ(uids.min, min) << text;
    EXPECT_EQ(uids.max, max) << text;
    EXPECT_EQ(issues.kept().size(), count) << text;
  }
}

}  // namespace
}  // namespace daicho::agent
