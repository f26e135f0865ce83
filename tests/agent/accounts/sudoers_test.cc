// Who becomes root by sudoers(5).
#include <gtest/gtest.h>

#include "agent/sources/linux/sudoers_commands.h"
#include "agent/sources/linux/sudoers_lines.h"
#include "agent/sources/linux/sudoers_reader.h"
#include "agent/sources/linux/sudoers_rights.h"
#include "tests/agent/fake_tree.h"

namespace daicho::agent {
namespace {

using Evidence = std::vector<std::string>;

// tanaka: uid 1001, groups tanaka (1001) and wheel (10).
Evidence Tanaka(const FakeTree& tree, FileIssues& issues, std::string_view hostname = "pc-1") {
  const SudoersFiles files = ReadSudoers(tree, hostname, issues);
  const SudoersRights rights(files.sudoers, hostname, {"root", "toor"}, issues);
  const GroupId groups[] = {{"tanaka", 1001}, {"wheel", 10}};
  return rights.ForAccount("tanaka", 1001, groups);
}

Evidence Tanaka(const std::string& sudoers, std::string_view hostname = "pc-1") {
  FileIssues issues;
  FakeTree tree;
  tree.File("/etc/sudoers", sudoers);
  const Evidence evidence = Tanaka(tree, issues, hostname);
  for (const FileIssue& issue : issues.kept()) {
    ADD_FAILURE() << sudoers << "\n" << issue.line.value_or(0) << ": " << issue.message;
  }
  return evidence;
}

const Evidence kLine1 = {"sudoers /etc/sudoers:1"};
const Evidence kLine2 = {"sudoers /etc/sudoers:2"};
const Evidence kLine3 = {"sudoers /etc/sudoers:3"};
const Evidence kWheel = {"group wheel"};
const Evidence kNobody = {};

struct Case {
  std::string sudoers;
  Evidence evidence;
};

void Check(std::span<const Case> cases) {
  for (const Case& c : cases) EXPECT_EQ(Tanaka(c.sudoers), c.evidence) << c.sudoers;
}

TEST(Sudoers, UsersAreNamedInEveryWay) {
  const Case cases[] = {
      {"tanaka ALL=(ALL:ALL) ALL\n", kLine1},
      {"tanaka\tALL = ALL", kLine1},
      {"suzuki, tanaka ALL=(ALL) ALL\n", kLine1},
      {"\"tanaka\" ALL=(ALL) ALL\n", kLine1},
      {"#1001 ALL=(ALL) ALL\n", kLine1},
      {"ALL ALL=(ALL) ALL\n", kLine1},
      {"%wheel ALL=(ALL) ALL\n", kWheel},
      {"%#10 ALL=(ALL) ALL\n", kWheel},
      {"%wheel ALL=(ALL) ALL\ntanaka ALL=(ALL) ALL\n", {"group wheel", "sudoers /etc/sudoers:2"}},
      {"User_Alias ADMINS = suzuki, tanaka\nADMINS ALL=(ALL) ALL\n", kLine2},
      {"ADMINS ALL=(ALL) ALL\nUser_Alias ADMINS = tanaka\n", kLine1},
      {"User_Alias A = suzuki : B = A, tanaka\nB ALL=(ALL) ALL\n", kLine2},
      {"User_Alias ADMINS = %wheel\nADMINS ALL=(ALL) ALL\n", kWheel},
      // Not by substring, not by prefix, not another's.
      {"tanak ALL=(ALL) ALL\ntanaka2 ALL=(ALL) ALL\ntana* ALL=ALL\n", kNobody},
      {"%whee ALL=(ALL) ALL\n%tanaka2 ALL=(ALL) ALL\n#100 ALL=ALL\n%#100 ALL=ALL\n", kNobody},
      {"wheel ALL=(ALL) ALL\n", kNobody},
      {"%:wheel ALL=(ALL) ALL\n", kNobody},
      {"TANAKA ALL=(ALL) ALL\n", kNobody},
  };
  Check(cases);
}

TEST(Sudoers, TheLastElementThatSpeaksOfAUserDecides) {
  const Case cases[] = {
      {"ALL, !tanaka ALL=(ALL) ALL\n", kNobody},
      {"!tanaka, ALL ALL=(ALL) ALL\n", kLine1},
      {"%wheel, !tanaka ALL=(ALL) ALL\n", kNobody},
      {"!!tanaka ALL=(ALL) ALL\n", kLine1},
      {"User_Alias NOT = suzuki, tanaka\nALL, !NOT ALL=(ALL) ALL\n", kNobody},
      {"User_Alias SOME = ALL, !tanaka\nSOME ALL=(ALL) ALL\n", kNobody},
  };
  Check(cases);
}

TEST(Sudoers, CommandsThatGiveRoot) {
  const Case cases[] = {
      {"tanaka ALL=NOPASSWD: ALL\n", kLine1},
      {"tanaka ALL=(root) NOPASSWD:SETENV: /usr/bin/apt-get update, ALL\n", kLine1},
      {"tanaka ALL=CWD=/tmp TIMEOUT=5m NOPASSWD: ALL\n", kLine1},
      {"tanaka ALL=sha224:0GomF8mNN3wlDt1HD9XldjJ3SNgpFdbjO1+NsQ== /bin/bash\n", kLine1},
      {"tanaka ALL=/bin/bash\n", kLine1},
      {"tanaka ALL=/usr/bin/su -\n", kLine1},
      {"tanaka ALL=/usr/bin/su - postgres\n", kNobody},
      {"tanaka ALL=/usr/sbin/visudo\n", kLine1},
      {"tanaka ALL=/usr/bin/\n", kLine1},
      {"tanaka ALL=/usr/bin/*\n", kLine1},
      {"tanaka ALL=/bin/sh /opt/backup.sh\n", kNobody},
      {"tanaka ALL=/usr/bin/systemctl restart nginx, /usr/bin/apt-get update\n", kNobody},
      {"tanaka ALL=/opt/hospital/bin/bash-report\n", kNobody},
      {"tanaka ALL=sudoedit /etc/sudoers\n", kLine1},
      {"tanaka ALL=sudoedit /etc/motd\n", kNobody},
      {"Cmnd_Alias SHELLS = /bin/sh, /bin/bash\ntanaka ALL=SHELLS\n", kLine2},
      {"Cmnd_Alias NET = /sbin/ip : EVERYTHING = ALL\nCmnd_Alias BOTH = NET, EVERYTHING\ntanaka ALL=BOTH\n", kLine3},
      {"Cmnd_Alias NET = /sbin/ip\ntanaka ALL=NET\n", kNobody},
      {"tanaka ALL=/bin/echo a\\, ALL\n", kNobody},
      {"tanaka ALL=/bin/echo a\\:b, ALL\n", kLine1},
  };
  Check(cases);
}

TEST(Sudoers, NegationsAreTakenInOrder) {
  const Case cases[] = {
      {"tanaka ALL=ALL, !/bin/bash\n", kLine1},  // keeps nobody from root
      {"tanaka ALL=/bin/bash, !/bin/bash\n", kNobody},
      {"tanaka ALL=ALL, !ALL\n", kNobody},
      {"tanaka ALL=!ALL, ALL\n", kLine1},
      {"tanaka ALL=ALL\ntanaka ALL=!ALL\n", kNobody},
      {"%wheel ALL=ALL\ntanaka ALL=!ALL\ntanaka ALL=/bin/sh\n", kLine3},
      {"Cmnd_Alias SU = /bin/su, /usr/bin/su\ntanaka ALL=/bin/su, !SU\n", kNobody},
      {"Cmnd_Alias SAFE = ALL, !ALL\ntanaka ALL=SAFE\n", kNobody},
  };
  Check(cases);
}

TEST(Sudoers, OnlyRunningAsRootCounts) {
  const Case cases[] = {
      {"tanaka ALL=(postgres) ALL\n", kNobody},
      {"tanaka ALL=(postgres, root) ALL\n", kLine1},
      {"tanaka ALL=(#0) ALL\n", kLine1},
      {"tanaka ALL=(toor) ALL\n", kLine1},
      {"tanaka ALL=(ALL, !root) ALL\n", kNobody},
      {"tanaka ALL=(:adm) ALL\n", kNobody},
      {"tanaka ALL=() ALL\n", kNobody},
      {"tanaka ALL=(root:adm) ALL\n", kLine1},
      {"tanaka ALL=(postgres) /usr/bin/psql, (root) /bin/sh\n", kLine1},
      {"tanaka ALL=(postgres) /usr/bin/psql, /bin/sh\n", kNobody},
      {"Runas_Alias DB = postgres, mysql\nRunas_Alias OP = DB, root\ntanaka ALL=(DB) ALL\n", kNobody},
      {"Runas_Alias DB = postgres\nRunas_Alias OP = DB, root\ntanaka ALL=(OP) ALL\n", kLine3},
  };
  Check(cases);
}

TEST(Sudoers, RulesForOtherHostsDoNotCount) {
  const Case cases[] = {
      {"tanaka pc-1=ALL\n", kLine1},
      {"tanaka PC-1.hospital.example=ALL\n", kLine1},
      {"tanaka pc-2, server=ALL\n", kNobody},
      {"tanaka pc-*=ALL\n", kLine1},
      {"tanaka ALL, !pc-1=ALL\n", kNobody},
      {"tanaka ALL, !pc-2=ALL\n", kLine1},
      {"tanaka 192.0.2.0/24=ALL\n", kLine1},
      {"tanaka 2001:db8::1, pc-2=ALL\n", kLine1},
      {"tanaka ALL, !192.0.2.1=ALL\n", kLine1},
      {"tanaka pc-2=ALL : pc-1=/bin/sh\n", kLine1},
      {"tanaka pc-1=/bin/ls : pc-2=ALL\n", kNobody},
      {"Host_Alias WARD = pc-1, pc-2\ntanaka WARD=ALL\n", kLine2},
      {"Host_Alias WARD = pc-3, pc-2\ntanaka WARD=ALL\n", kNobody},
  };
  Check(cases);
  EXPECT_EQ(Tanaka("tanaka pc-2=ALL\n", ""), kLine1) << "without a host name it cannot be told";
}

TEST(Sudoers, LexicalForms) {
  const Case cases[] = {
      {"# tanaka ALL=(ALL) ALL\n", kNobody},
      {"# comment \\\ntanaka ALL=(ALL) ALL\n", kLine2},
      {"tanaka \\\n  ALL=(ALL) \\\n ALL # all of it\n", kLine1},
      {"\n\ntanaka ALL=ALL\r\n", kLine3},
      {"Defaults env_reset\nDefaults:tanaka !requiretty, badpass_message=\"a, b = c\"\ntanaka ALL=ALL\n", kLine3},
      {"Defaults passprompt=\"# not a comment\"\ntanaka ALL=ALL\n", kLine2},
      {"ta\\naka ALL=ALL\n", kLine1},
      {"", kNobody},
  };
  Check(cases);
}

TEST(Sudoers, MalformedLinesAreIssuesAndTheRestCounts) {
  const std::string lines[] = {"tanaka",
                               "tanaka ALL",
                               "tanaka ALL=",
                               "tanaka ALL=(root ALL",
                               "tanaka ALL=(root) ALL extra",
                               "tanaka, =ALL",
                               "= ALL",
                               "tanaka ALL=ALL,",
                               "User_Alias admins = a",
                               "User_Alias ADMINS a",
                               "tanaka \"ALL",
                               "User_Alias ALL=a",
                               "tanaka ALL=(:) , ALL"};
  for (const std::string& line : lines) {
    FakeTree tree;
    tree.File("/etc/sudoers", "User_Alias OK = tanaka\n" + line + "\nOK ALL=(ALL) ALL\n");
    FileIssues issues;
    EXPECT_EQ(Tanaka(tree, issues), kLine3) << line;
    ASSERT_EQ(issues.kept().size(), 1u) << line;
    EXPECT_EQ(issues.kept()[0].line, 2u) << line;
  }
}

TEST(Sudoers, AliasDefinedTwiceKeepsTheFirst) {
  FakeTree tree;
  tree.File("/etc/sudoers", "User_Alias A = suzuki\nUser_Alias A = tanaka\nA ALL=ALL\n");
  FileIssues issues;
  EXPECT_EQ(Tanaka(tree, issues), kNobody);
  ASSERT_EQ(issues.kept().size(), 1u);
  EXPECT_EQ(issues.kept()[0].line, 2u);
}

TEST(Sudoers, AliasesInACircleMatchNobodyAndEnd) {
  FakeTree tree;
  std::string text = "User_Alias A = B, B, B\nUser_Alias B = A, A, A\nA ALL=ALL\n";
  text += "Cmnd_Alias C = D, D\nCmnd_Alias D = C, C\ntanaka ALL=C\n";
  text += "Host_Alias H = H, H\nRunas_Alias R = R, R\ntanaka H=(R) ALL\ntanaka ALL=(R) ALL\n";
  tree.File("/etc/sudoers", text);
  FileIssues issues;
  EXPECT_EQ(Tanaka(tree, issues), kNobody);
}

TEST(Sudoers, NetgroupThatGetsRootIsAnIssue) {
  FakeTree tree;
  tree.File("/etc/sudoers", "+nurses ALL=/bin/ls\n+admins ALL=ALL\n");
  FileIssues issues;
  EXPECT_EQ(Tanaka(tree, issues), kNobody);
  ASSERT_EQ(issues.kept().size(), 1u);
  EXPECT_EQ(issues.kept()[0].line, 2u);
}

TEST(Sudoers, IncludesAreFollowed) {
  FakeTree tree;
  tree.File("/etc/sudoers",
            "#include sudoers.local\n"
            "@include \"/etc/with blank\"\n"
            "@include /etc/host.%h\n"
            "#includedir /etc/sudoers.d\n"
            "@includedir /etc/not-there\n")
      .File("/etc/sudoers.local", "User_Alias LOCAL = tanaka\n")
      .File("/etc/with blank", "\nLOCAL ALL=/bin/sh\n")
      .File("/etc/host.pc-1", "LOCAL ALL=/bin/bash\n")
      .File("/etc/sudoers.d/10-ward", "\n\ntanaka ALL=ALL\n")
      .File("/etc/sudoers.d/20.bak", "tanaka ALL=ALL\n")
      .File("/etc/sudoers.d/30-old~", "tanaka ALL=ALL\n")
      .File("/etc/sudoers.d/folder/file", "tanaka ALL=ALL\n");
  FileIssues issues;
  EXPECT_EQ(Tanaka(tree, issues, "pc-1.hospital.example"),
            (Evidence{"sudoers /etc/with blank:2", "sudoers /etc/host.pc-1:1", "sudoers /etc/sudoers.d/10-ward:3"}));
  EXPECT_TRUE(issues.kept().empty());
}

TEST(Sudoers, IncludedFolderIsReadInOrderOfNames) {
  FakeTree tree;
  tree.File("/etc/sudoers", "@includedir sudoers.d\n")
      .File("/etc/sudoers.d/20", "tanaka ALL=!ALL\n")
      .File("/etc/sudoers.d/10", "tanaka ALL=ALL\n");
  FileIssues issues;
  EXPECT_EQ(Tanaka(tree, issues), kNobody);
}

TEST(Sudoers, IncludeLoopIsAnIssueAndEnds) {
  FakeTree tree;
  tree.File("/etc/sudoers", "#include /etc/a\ntanaka ALL=ALL\n").File("/etc/a", "\n#include /etc/b\n");
  tree.File("/etc/b", "#include /etc/sudoers\n#include /etc/b\n#include /etc/a\n");
  FileIssues issues;
  EXPECT_EQ(Tanaka(tree, issues), kLine2);
  ASSERT_EQ(issues.kept().size(), 3u);
  EXPECT_EQ(issues.kept()[0].file, "/etc/b");
  EXPECT_EQ(issues.kept()[0].line, 1u);
}

TEST(Sudoers, IncludesThatMultiplyEnd) {
  FakeTree tree;
  tree.File("/etc/sudoers", "@include /etc/s0\n");
  for (int i = 0; i < 20; ++i) {
    const std::string next = "@include /etc/s" + std::to_string(i + 1) + "\n";
    tree.File("/etc/s" + std::to_string(i), next + next);
  }
  FileIssues issues;
  EXPECT_EQ(ReadSudoers(tree, "", issues).state, SudoersState::kPart);
}

TEST(Sudoers, StateTellsWhatIsMissing) {
  FileIssues issues;
  EXPECT_EQ(ReadSudoers(FakeTree(), "", issues).state, SudoersState::kNone);
  EXPECT_TRUE(issues.kept().empty());

  FakeTree unreadable;
  unreadable.Unreadable("/etc/sudoers");
  EXPECT_EQ(ReadSudoers(unreadable, "", issues).state, SudoersState::kUnreadable);

  FakeTree part;
  part.File("/etc/sudoers", "root ALL=ALL\n@include /etc/secret\n").Unreadable("/etc/secret");
  const SudoersFiles files = ReadSudoers(part, "", issues);
  EXPECT_EQ(files.state, SudoersState::kPart);
  EXPECT_NE(files.reason.find("/etc/secret"), std::string::npos);

  FakeTree missing;
  missing.File("/etc/sudoers", "root ALL=ALL\n@include /etc/gone\n");
  EXPECT_EQ(ReadSudoers(missing, "", issues).state, SudoersState::kWhole);
}

std::string Repeated(std::string_view line, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += line;
  return text;
}

// 30,000 such rules kept one core busy for minutes: every negation looked at every grant, for every account.
TEST(Sudoers, WorkForOneAccountIsBoundedAndWhatIsLeftOutIsSaid) {
  const std::string lines[] = {"%wheel ALL=(ALL) ALL, !/bin/sh\n", "ALL ALL=(ALL) ALL, !/bin/sh\n",
                               "suzuki,suzuki,suzuki,ALL ALL=ALL\n", "C ALL=(ALL) MANY\n"};
  for (const std::string& line : lines) {
    FakeTree tree;
    tree.File("/etc/sudoers", "Cmnd_Alias MANY=" + Repeated("/bin/sh,", 12'000) + "ALL\n" + Repeated(line, 30'000));
    FileIssues issues;
    const SudoersFiles files = ReadSudoers(tree, "pc-1", issues);
    const SudoersRights rights(files.sudoers, "pc-1", {"root"}, issues);
    EXPECT_FALSE(rights.complete()) << line;
    EXPECT_LE(rights.work(), SudoersRights::kMaxWork) << line;
    EXPECT_EQ(issues.kept().size(), 1u) << line;
    const GroupId groups[] = {{"wheel", 10}};
    EXPECT_LE(rights.ForAccount("tanaka", 1001, groups).size(), SudoersRights::kMaxEvidence) << line;
  }
}

TEST(Sudoers, RulesThatGiveNobodyRootAreNoWork) {
  FakeTree tree;
  tree.File("/etc/sudoers", Repeated("%nurses ALL=/bin/ls\n", 30'000) + "tanaka ALL=ALL\n");
  FileIssues issues;
  EXPECT_EQ(Tanaka(tree, issues), Evidence{"sudoers /etc/sudoers:30001"});
  EXPECT_TRUE(issues.kept().empty());
}

TEST(Sudoers, GroupGivesRootOnlyIfARuleNamesIt) {
  FakeTree tree;
  tree.File("/etc/sudoers", "ALL ALL=ALL\n%wheel ALL=(ALL) ALL\n%nurses ALL=/bin/ls\n");
  FileIssues issues;
  const SudoersFiles files = ReadSudoers(tree, "pc-1", issues);
  const SudoersRights rights(files.sudoers, "pc-1", {"root"}, issues);
  const auto one = [](std::string_view name, std::uint32_t gid) { return std::vector<GroupId>{{name, gid}}; };
  EXPECT_TRUE(rights.ForGroups(one("wheel", 10)));
  EXPECT_FALSE(rights.ForGroups(one("nurses", 11)));
  EXPECT_FALSE(rights.ForGroups(one("sudo", 27)));
}

TEST(SudoersWildcard, MatchesLikeTheShell) {
  const struct {
    std::string_view pattern;
    std::string_view text;
    bool path;
    bool matches;
  } cases[] = {{"*", "", true, true},
               {"*", "a/b", true, false},
               {"*", "a/b", false, true},
               {"/bin/*", "/bin/sh", true, true},
               {"/*/sh", "/usr/bin/sh", true, false},
               {"/bin/[bd]ash", "/bin/dash", true, true},
               {"a?c", "abc", true, true},
               {"a?c", "a/c", true, false},
               {"ab", "abc", true, false},
               {"abc", "ab", true, false},
               {"*a*b*c", "xxaxxbxxc", false, true},
               {"*a*b*c", "xxaxxbxxcx", false, false}};
  for (const auto& [pattern, text, path, matches] : cases) {
    EXPECT_EQ(MatchesWildcard(pattern, text, path), matches) << pattern << " " << text;
  }
}

}  // namespace
}  // namespace daicho::agent
