// The sections accounts and groups, from files to rows.
#include <gtest/gtest.h>

#include "agent/sources/linux/escaped_name.h"
#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/section_builder.h"
#include "common/text.h"
#include "common/time_format.h"
#include "tests/agent/accounts/login_files.h"
#include "tests/agent/fake_tree.h"

namespace daicho::agent {
namespace {

struct Section {
  v1::Section section;
  std::map<std::string, v1::Account> accounts;  // by name; of two with one name "name/uid"
  std::map<std::string, v1::Group> groups;

  const v1::Account& operator[](const std::string& name) const { return accounts.at(name); }
};

template <typename Row>
Section Collected(v1::Section section, std::map<std::string, Row> Section::* rows) {
  Section result;
  for (const std::string& bytes : section.rows()) {
    Row row;
    EXPECT_TRUE(row.ParseFromString(bytes));
    std::string name = row.name();
    if ((result.*rows).contains(name)) name += "/again";
    (result.*rows).emplace(name, row);
  }
  result.section = std::move(section);
  return result;
}

Section Accounts(const FakeTree& tree) {
  const FakeSystem system;
  return Collected(CollectAccounts({tree, system, kNow}), &Section::accounts);
}

Section Groups(const FakeTree& tree) {
  const FakeSystem system;
  return Collected(CollectGroups({tree, system, kNow}), &Section::groups);
}

template <typename Repeated>
std::vector<std::string> List(const Repeated& values) {
  return {values.begin(), values.end()};
}

using Names = std::vector<std::string>;

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/bash\n"
    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
    "sync:x:4:65534:sync:/bin:/bin/sync\n"
    "tanaka:x:1001:1001:田中 太郎,2F,123:/home/tanaka:/bin/bash\n"
    "suzuki:x:1002:27::/home/suzuki:/bin/bash\n"
    "toor:x:0:0::/root2:/bin/sh\n"
    "locked:x:1003:1003::/home/locked:/bin/bash\n"
    "keyonly:x:1004:1004::/home/keyonly:/bin/bash\n"
    "open:x:1005:1005::/home/open:/bin/bash\n"
    "gone:x:1006:1006::/home/gone:/bin/bash\n"
    "norule:x:1007:1007::/home/norule:\n"
    "reboot:x:1008:1008::/home/reboot:/bin/bash\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

constexpr std::string_view kShadow =
    "root:*:19000:0:99999:7:::\n"
    "daemon:*:19000:0:99999:7:::\n"
    "sync:*:19000:0:99999:7:::\n"
    "tanaka:$y$j9T$salt$hash:20000:0:99999:7:::\n"
    "suzuki:$6$salt$hash:20001:0:99999:7:::\n"
    "toor:$6$salt$hash:20001:0:99999:7:::\n"
    "locked:!$6$salt$hash:20001:0:99999:7:::\n"
    "keyonly:!:20001:0:99999:7:::\n"
    "open::20001:0:99999:7:::\n"
    "gone:$6$salt$hash:20001:0:99999:7::20500:\n"
    "norule:*:20001:0:99999:7:::\n"
    "reboot:$6$salt$hash:20001:0:99999:7:::\n"
    "nobody:*:19000:0:99999:7:::\n";

constexpr std::string_view kGroup =
    "root:x:0:\ndaemon:x:1:\nsudo:x:27:tanaka\nadm:x:4:tanaka,missing\ntanaka:x:1001:\nnurses:x:2000:locked\n";

FakeTree Machine() {
  FakeTree tree;
  tree.File("/etc/passwd", std::string(kPasswd))
      .File("/etc/shadow", std::string(kShadow))
      .File("/etc/group", std::string(kGroup))
      .File("/etc/sudoers", "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n")
      .File("/etc/sudoers.d/ward", "# ward\n\nlocked ALL=(ALL) NOPASSWD: ALL\n")
      .File("/etc/login.defs", "UID_MIN 1000\nUID_MAX 60000\n")
      .File("/home/keyonly/.ssh/authorized_keys", "# key of the vendor\nssh-ed25519 AAAA vendor\n")
      .File("/home/norule/.ssh/authorized_keys", "\n# nothing\n")
      .File("/var/log/wtmp", Boot(kNow - 100 * kDay) + Login("tanaka", kNow - 9 * kDay) +
                                 Login("reboot", kNow - 8 * kDay) + Login("root", kNow - 7 * kDay));
  return tree;
}

TEST(Accounts, WholeMachineIsOk) {
  const Section section = Accounts(Machine());
  EXPECT_EQ(section.section.status(), v1::OK) << section.section.reason();
  EXPECT_EQ(section.section.name(), "accounts");
  EXPECT_EQ(section.section.issues_size(), 0);
  EXPECT_EQ(section.accounts.size(), 13u);
}

TEST(Accounts, WhoCanLogInAndHow) {
  const Section section = Accounts(Machine());
  const struct {
    std::string name;
    std::string password;
    bool enabled;
    bool expired;
    bool keys;
  } cases[] = {
      {"root", "none", false, false, false},    {"daemon", "none", false, false, false},
      {"sync", "none", false, false, false},    {"tanaka", "set", true, false, false},
      {"toor", "set", true, false, false},      {"locked", "locked", false, false, false},
      {"keyonly", "locked", true, false, true}, {"open", "empty", true, false, false},
      {"gone", "set", false, true, false},      {"norule", "none", false, false, false},
      {"nobody", "none", false, false, false},
  };
  for (const auto& [name, password, enabled, expired, keys] : cases) {
    const v1::Account& account = section[name];
    EXPECT_EQ(account.password(), password) << name;
    ASSERT_TRUE(account.has_enabled() && account.has_expired() && account.has_authorized_keys()) << name;
    EXPECT_EQ(account.enabled(), enabled) << name;
    EXPECT_EQ(account.expired(), expired) << name;
    EXPECT_EQ(account.authorized_keys(), keys) << name;
  }
  EXPECT_EQ(FromTimestamp(section["tanaka"].password_set_at()), 20000 * kDay);
  EXPECT_FALSE(section["root"].has_password_set_at());
  EXPECT_EQ(FromTimestamp(section["gone"].expires_at()), 20500 * kDay);
}

TEST(Accounts, WhoIsAdministratorAndByWhat) {
  const Section section = Accounts(Machine());
  EXPECT_EQ(List(section["root"].admin_by()), Names{"uid 0"});
  EXPECT_EQ(List(section["toor"].admin_by()), Names{"uid 0"});
  EXPECT_EQ(List(section["tanaka"].admin_by()), Names{"group sudo"});
  EXPECT_EQ(List(section["suzuki"].admin_by()), Names{"group sudo"}) << "by primary group";
  EXPECT_EQ(List(section["locked"].admin_by()), Names{"sudoers /etc/sudoers.d/ward:3"});
  EXPECT_TRUE(section["suzuki"].admin());
  ASSERT_TRUE(section["open"].has_admin());
  EXPECT_FALSE(section["open"].admin());
  EXPECT_EQ(List(section["tanaka"].groups()), (Names{"adm", "sudo", "tanaka"}));
  EXPECT_EQ(List(section["suzuki"].groups()), Names{"sudo"});
}

TEST(Accounts, WhoIsHumanAndHowTheyAreCalled) {
  const Section section = Accounts(Machine());
  EXPECT_TRUE(section["tanaka"].human());
  for (const std::string name : {"root", "toor", "daemon", "nobody"}) EXPECT_FALSE(section[name].human()) << name;
  EXPECT_EQ(section["tanaka"].full_name(), "田中 太郎");
  EXPECT_EQ(section["tanaka"].gid(), 1001u);
  EXPECT_EQ(section["tanaka"].home(), "/home/tanaka");
}

TEST(Accounts, LastUseAndItsEvidence) {
  const Section section = Accounts(Machine());
  EXPECT_EQ(FromTimestamp(section["tanaka"].last_use().at()), kNow - 9 * kDay);
  EXPECT_EQ(section["tanaka"].last_use().source(), "wtmp");
  EXPECT_EQ(section["tanaka"].last_use().from(), "10.1.2.33");
  EXPECT_EQ(FromTimestamp(section["reboot"].last_use().at()), kNow - 8 * kDay);
  EXPECT_FALSE(section["toor"].has_last_use());
  EXPECT_EQ(FromTimestamp(section["toor"].evidence_since()), kNow - 100 * kDay);
}

TEST(Accounts, WithoutShadowTheRestIsPartial) {
  for (const bool missing : {false, true}) {
    FakeTree tree;
    tree.File("/etc/passwd", std::string(kPasswd)).File("/etc/group", std::string(kGroup));
    tree.File("/home/keyonly/.ssh/authorized_keys", "ssh-ed25519 AAAA vendor\n");
    if (!missing) tree.Unreadable("/etc/shadow");
    const Section section = Accounts(tree);
    EXPECT_EQ(section.section.status(), v1::PARTIAL);
    EXPECT_TRUE(section.section.reason().starts_with("/etc/shadow: "));
    EXPECT_EQ(section.section.reason().ends_with("run as root"), !missing);
    EXPECT_EQ(section.accounts.size(), 13u);
    EXPECT_FALSE(section["tanaka"].has_enabled());
    EXPECT_FALSE(section["tanaka"].has_expired());
    EXPECT_EQ(section["tanaka"].password(), "");
    EXPECT_FALSE(section["keyonly"].has_enabled()) << "may be expired";
    EXPECT_FALSE(section["daemon"].enabled()) << "no login shell, whatever the password";
    EXPECT_TRUE(section["daemon"].has_enabled());
  }
}

TEST(Accounts, TruncatedShadowLeavesUnknownWhatItLost) {
  FakeTree tree = Machine();
  const auto cut = kShadow.find("keyonly") + 12;
  tree.File("/etc/shadow", std::string(kShadow.substr(0, cut)));
  const Section section = Accounts(tree);
  EXPECT_EQ(section.section.status(), v1::PARTIAL);
  EXPECT_EQ(section["tanaka"].password(), "set");
  for (const std::string name : {"keyonly", "open", "gone"}) {
    EXPECT_EQ(section[name].password(), "") << name;
    EXPECT_FALSE(section[name].has_expired()) << name;
    EXPECT_FALSE(section[name].has_enabled()) << name;
  }
  ASSERT_EQ(section.section.issues_size(), 1);
  EXPECT_EQ(section.section.issues(0).line(), 8u);
}

TEST(Accounts, NoLineInAWholeShadowMeansNoPassword) {
  FakeTree tree = Machine();
  tree.File("/etc/shadow", "root:*:19000:0:99999:7:::\n");
  const Section section = Accounts(tree);
  EXPECT_EQ(section.section.status(), v1::OK);
  EXPECT_EQ(section["tanaka"].password(), "none");
  EXPECT_FALSE(section["tanaka"].enabled());
  EXPECT_TRUE(section["keyonly"].enabled());
  EXPECT_GE(section.section.issues_size(), 1);
}

TEST(Accounts, WithoutPasswdThereIsNoStatement) {
  FakeTree none;
  EXPECT_EQ(Accounts(none).section.status(), v1::FAILED);
  FakeTree empty = Machine();
  empty.File("/etc/passwd", "");
  EXPECT_EQ(Accounts(empty).section.status(), v1::FAILED);
  FakeTree noise = Machine();
  noise.File("/etc/passwd", std::string("\x7f"
                                        "ELF\0\1\2\n\0\n:::\n",
                                        14));
  const Section section = Accounts(noise);
  EXPECT_EQ(section.section.status(), v1::FAILED);
  EXPECT_NE(section.section.reason().find("/etc/passwd"), std::string::npos);
  EXPECT_GT(section.section.issues_size(), 0);
}

TEST(Accounts, CutPasswdIsPartial) {
  FakeTree tree = Machine();
  tree.File("/etc/passwd", std::string(kPasswd.substr(0, kPasswd.find("toor") + 9)));
  const Section section = Accounts(tree);
  EXPECT_EQ(section.section.status(), v1::PARTIAL);
  EXPECT_EQ(section.accounts.size(), 5u);
}

TEST(Accounts, UnreadableSudoersLeavesNobodyCleared) {
  FakeTree tree = Machine();
  tree.Unreadable("/etc/sudoers");
  const Section section = Accounts(tree);
  EXPECT_EQ(section.section.status(), v1::PARTIAL);
  EXPECT_EQ(List(section["suzuki"].admin_by()), Names{"group sudo"});
  EXPECT_FALSE(section["open"].has_admin());
}

TEST(Accounts, MoreRulesThanAreFollowedLeaveNobodyCleared) {
  FakeTree tree = Machine();
  std::string sudoers;
  for (int i = 0; i < 10'000; ++i) sudoers += "%nurses ALL=ALL\n";
  tree.File("/etc/sudoers", sudoers + "open ALL=ALL\n");
  const Section section = Accounts(tree);
  EXPECT_EQ(section.section.status(), v1::PARTIAL);
  EXPECT_TRUE(section.section.reason().starts_with("/etc/sudoers: ")) << section.section.reason();
  EXPECT_FALSE(section["open"].has_admin());
}

TEST(Accounts, WithoutSudoersAGroupGivesNothing) {
  FakeTree tree;
  tree.File("/etc/passwd", std::string(kPasswd))
      .File("/etc/shadow", std::string(kShadow))
      .File("/etc/group", std::string(kGroup));
  const Section section = Accounts(tree);
  EXPECT_EQ(section.section.status(), v1::OK);
  EXPECT_FALSE(section["suzuki"].admin());
  EXPECT_TRUE(section["suzuki"].has_admin());
  EXPECT_TRUE(section["toor"].admin());
}

TEST(Accounts, UnreadableKeysAreUnknown) {
  FakeTree tree = Machine();
  tree.Unreadable("/home/locked/.ssh/authorized_keys").Unreadable("/home/tanaka/.ssh/authorized_keys");
  const Section section = Accounts(tree);
  EXPECT_FALSE(section["locked"].has_authorized_keys());
  EXPECT_FALSE(section["locked"].has_enabled());
  EXPECT_TRUE(section["tanaka"].enabled()) << "the password suffices";
}

TEST(Accounts, SecondKeyFileCounts) {
  FakeTree tree = Machine();
  tree.File("/home/locked/.ssh/authorized_keys2", "ecdsa-sha2-nistp256 AAAA x");
  EXPECT_TRUE(Accounts(tree)["locked"].enabled());
}

TEST(Accounts, ExpiredKeepsKeysOut) {
  FakeTree tree = Machine();
  tree.File("/home/gone/.ssh/authorized_keys", "ssh-ed25519 AAAA\n");
  EXPECT_FALSE(Accounts(tree)["gone"].enabled());
}

TEST(Accounts, SecondLineOfANameCannotLogIn) {
  FakeTree tree = Machine();
  tree.File("/etc/passwd", std::string(kPasswd) + "tanaka:x:0:0:::/bin/bash\n");
  const Section section = Accounts(tree);
  EXPECT_EQ(section.accounts.size(), 14u);
  const v1::Account& second = section["tanaka/again"];
  EXPECT_EQ(second.uid(), 0u);
  EXPECT_TRUE(second.admin());
  EXPECT_FALSE(second.enabled());
  EXPECT_FALSE(second.has_last_use());
  EXPECT_EQ(section["tanaka"].last_use().source(), "wtmp");
}

TEST(Accounts, NamesThatAreNotUtf8DoNotBreakTheRow) {
  FakeTree tree = Machine();
  tree.File("/etc/passwd", std::string(kPasswd) + "m\xfcller:x:1100:1100:M\xfcller:/home/m\xfcller:/bin/bash\n");
  const Section section = Accounts(tree);
  for (const auto& [name, account] : section.accounts) EXPECT_TRUE(IsUtf8(account.full_name() + account.home()));
  EXPECT_EQ(section.accounts.count("m\\xfcller"), 1u);
}

// Both had become the same text, and one of them had vanished.
TEST(Accounts, NamesThatDifferOnlyInBytesOutsideOfUtf8StayTwo) {
  FakeTree tree = Machine();
  tree.File("/etc/passwd", std::string(kPasswd) +
                               "yam\xe9"
                               "da:x:1100:1100::/:/bin/bash\nyam\xe8"
                               "da:x:1100:1100::/:/bin/bash\n");
  const Section section = Accounts(tree);
  EXPECT_EQ(section.accounts.count("yam\\xe9da"), 1u);
  EXPECT_EQ(section.accounts.count("yam\\xe8da"), 1u);
}

TEST(EscapedName, TellsNamesApartAndLeavesUtf8Alone) {
  EXPECT_EQ(EscapedName("田中"), "田中");
  EXPECT_EQ(EscapedName("WARD\\tanaka"), "WARD\\tanaka");
  EXPECT_EQ(EscapedName("a\\xe9"), "a\\x5cxe9");
  EXPECT_EQ(EscapedName("a\xe9"), "a\\xe9");
  EXPECT_EQ(EscapedName("a\x1b"), "a\\x1b");
}

TEST(Accounts, WtmpProblemsAreIssuesOnly) {
  FakeTree tree = Machine();
  tree.File("/var/log/wtmp", Login("tanaka", kNow - 9 * kDay) + "half");
  const Section section = Accounts(tree);
  EXPECT_EQ(section.section.status(), v1::OK);
  EXPECT_TRUE(section["tanaka"].has_last_use());
  EXPECT_FALSE(section["tanaka"].has_evidence_since());
  ASSERT_EQ(section.section.issues_size(), 1);
  EXPECT_EQ(section.section.issues(0).record(), 2u);
}

// The kernel and sudo(8) know gids: a second name of the gid of sudo gives what sudo gives.
TEST(Accounts, AdministratorBehindASecondGroupWithTheGidOfSudoIsSeen) {
  for (const bool sudoers_readable : {true, false}) {
    FakeTree tree = Machine();
    tree.File("/etc/passwd", std::string(kPasswd) + "yamada:x:1200:1200::/home/yamada:/bin/bash\n")
        .File("/etc/group", "sudo:x:27:\nhidden:x:27:yamada\nnurses:x:3000:tanaka\n")
        .File("/etc/sudoers", "%sudo ALL=(ALL:ALL) ALL\n");
    if (!sudoers_readable) tree.Unreadable("/etc/sudoers");
    const Section section = Accounts(tree);
    EXPECT_TRUE(section["yamada"].admin());
    EXPECT_EQ(List(section["yamada"].admin_by()), Names{"group sudo"});
    EXPECT_EQ(List(section["yamada"].groups()), (Names{"hidden", "sudo"}));
    EXPECT_FALSE(section["tanaka"].admin());
    const Section groups = Groups(tree);
    EXPECT_TRUE(groups.groups.at("hidden").admin());
    EXPECT_FALSE(groups.groups.at("nurses").admin());
    EXPECT_EQ(List(groups.groups.at("sudo").members()), (Names{"suzuki", "yamada"})) << "suzuki by primary group";
    const auto told = [](const v1::Issue& issue) { return issue.file() == "/etc/group" && issue.line() == 2; };
    EXPECT_EQ(std::ranges::count_if(groups.section.issues(), told), 1);
  }
}

TEST(Groups, MembersByListAndByPrimaryGroup) {
  const Section section = Groups(Machine());
  EXPECT_EQ(section.section.status(), v1::OK);
  EXPECT_EQ(section.groups.size(), 6u);
  EXPECT_EQ(List(section.groups.at("sudo").members()), (Names{"suzuki", "tanaka"}));
  EXPECT_EQ(List(section.groups.at("adm").members()), (Names{"missing", "tanaka"}));
  EXPECT_EQ(List(section.groups.at("root").members()), (Names{"root", "toor"}));
  EXPECT_TRUE(section.groups.at("sudo").admin());
  EXPECT_FALSE(section.groups.at("nurses").admin());
  EXPECT_EQ(section.groups.at("sudo").gid(), 27u);
}

TEST(Groups, StatusTellsWhatIsMissing) {
  EXPECT_EQ(Groups(FakeTree()).section.status(), v1::FAILED);

  FakeTree empty = Machine();
  empty.File("/etc/group", "\n");
  EXPECT_EQ(Groups(empty).section.status(), v1::FAILED);

  FakeTree no_passwd = Machine();
  no_passwd.Unreadable("/etc/passwd");
  EXPECT_EQ(Groups(no_passwd).section.status(), v1::PARTIAL);

  FakeTree no_sudoers = Machine();
  no_sudoers.Unreadable("/etc/sudoers");
  const Section section = Groups(no_sudoers);
  EXPECT_EQ(section.section.status(), v1::PARTIAL);
  EXPECT_TRUE(section.groups.at("sudo").admin());
  EXPECT_FALSE(section.groups.at("nurses").has_admin());
}

TEST(SectionBuilder, TextsOfAnyLengthAreCutAtACharacter) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "田";
  SectionBuilder section("accounts");
  section.AddIssue(text, 1, text);
  section.Partial(text);
  const v1::Section taken = section.Take();
  for (const std::string& cut : {taken.reason(), taken.issues(0).message(), taken.issues(0).file()}) {
    EXPECT_LE(cut.size(), 512u);
    EXPECT_TRUE(IsUtf8(cut) && cut.ends_with("田…"));
  }
}

TEST(Groups, RowOfAHugeGroupStaysBelowTheLimit) {
  std::string members;
  for (int i = 0; i < 20'000; ++i) members += "member" + std::to_string(i) + ",";
  FakeTree tree = Machine();
  tree.File("/etc/group", "all:x:3000:" + members + "\n");
  const Section section = Groups(tree);
  EXPECT_EQ(section.section.status(), v1::PARTIAL);
  ASSERT_EQ(section.section.rows_size(), 1);
  EXPECT_LT(section.section.rows(0).size(), 64u << 10);
}

}  // namespace
}  // namespace daicho::agent
