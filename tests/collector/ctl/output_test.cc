// What people read at a terminal, in both languages.
#include <gmock/gmock.h>

#include "common/text.h"
#include "tests/collector/ctl/daicho_fixture.h"

namespace daicho::collector {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Output : public DaichoFixture {
 protected:
  Output() {
    width_ = 80;
    admin_.checklist = {Parse<v1::ChecklistRow>(
                            "id: 'p1.b6a' part: 1 number: 'B6(a)' heading { ja: '情報機器等の台帳管理' en: 'Ledger' } "
                            "evidence: 'full' open_findings: 0 answer { ja: 'はい' en: 'yes' }"),
                        Parse<v1::ChecklistRow>(
                            "id: 'p1.b9.2' part: 1 number: 'B9➁' heading { ja: '使用していないアカウント' en: 'Unused "
                            "accounts' } evidence: 'full' open_findings: 2 answer { ja: 'いいえ' en: 'no' }")};
  }

  static v1::Finding Unused(const std::string& id, const std::string& subject, const std::string& severity) {
    v1::Finding finding = Parse<v1::Finding>(
        "status: 'open' rule: 'unused' hostname: '検査室-PC1' items: 'p1.b9.2' "
        "title { ja: '使われていない' en: 'Unused' } "
        "detail { ja: 'アカウントは200日間使われていません。' en: 'The account has not been used for 200 days.' } "
        "resolution { ja: '無効にするか、理由を記録してください。' en: 'Disable it, or record why it stays.' }");
    finding.set_finding_id(id);
    finding.set_subject(subject);
    finding.set_severity(severity);
    return finding;
  }

  void ExpectFits() const {
    std::string_view rest = out_;
    std::string_view line;
    while (NextLine(rest, line)) EXPECT_LE(DisplayWidth(line), width_) << line;
  }
};

TEST_F(Output, FindingsAreUnderTheirChecklistRowWithPartNumberAndHeading) {
  admin_.findings = {Unused("f1", "sato", "low"), Unused("f2", "suzuki", "high")};
  ASSERT_EQ(Run({"findings", "--lang", "ja"}), 0) << err_;
  EXPECT_EQ(out_,
            "■ 第1部 B9➁ 使用していないアカウント\n"
            "[高] 使われていない\n"
            "指摘ID  ホスト名    対象    内容\n"
            "------  ----------  ------  -------------------------------------\n"
            "f2      検査室-PC1  suzuki  アカウントは200日間使われていません。\n"
            "対応: 無効にするか、理由を記録してください。\n"
            "\n"
            "[低] 使われていない\n"
            "指摘ID  ホスト名    対象  内容\n"
            "------  ----------  ----  -------------------------------------\n"
            "f1      検査室-PC1  sato  アカウントは200日間使われていません。\n"
            "対応: 無効にするか、理由を記録してください。\n"
            "\n"
            "要対応 2 件（高 1、中 0、低 1）、参考 0 件\n");
  ASSERT_EQ(Run({"findings", "--lang", "en"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Part 1 B9➁ Unused accounts\n"));
  EXPECT_THAT(out_, HasSubstr("2 to do (1 high, 0 medium, 1 low), 0 for information\n"));
  ExpectFits();
}

TEST_F(Output, WhatToDoIsSaidOnceForARuleAndDirectlyBelowIt) {
  admin_.findings = {Unused("f1", "sato", "low"), Unused("f2", "suzuki", "low"), Unused("f3", "ito", "low")};
  ASSERT_EQ(Run({"findings"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("== Part 1 B9➁ Unused accounts\n[low] Unused\n"));
  EXPECT_LT(out_.find("sato"), out_.find("To do: "));
  EXPECT_EQ(out_.find("To do: "), out_.rfind("To do: "));
}

TEST_F(Output, WhatToDoAboutOneSubjectStandsUnderItsRows) {
  v1::Finding sato = Unused("f1", "sato", "low");
  v1::Finding suzuki = Unused("f2", "suzuki", "low");
  sato.mutable_resolution()->set_en("Run 'userdel sato'.");
  suzuki.mutable_resolution()->set_en("Run 'userdel suzuki'.");
  v1::Finding elsewhere = sato;
  elsewhere.set_finding_id("f3");
  elsewhere.set_hostname("web");
  admin_.findings = {sato, suzuki, elsewhere};
  ASSERT_EQ(Run({"findings"}), 0) << err_;
  const std::string detail = "The account has not been used for 200 days.";
  EXPECT_THAT(out_, HasSubstr("f3       web         sato     " + detail +
                              "\n"
                              "f1       検査室-PC1  sato     " +
                              detail +
                              "\n  To do: Run 'userdel sato'.\n"
                              "f2       検査室-PC1  suzuki   " +
                              detail + "\n  To do: Run 'userdel suzuki'.\n\n"));
  EXPECT_EQ(out_.find("userdel sato"), out_.rfind("userdel sato"));
  ExpectFits();
}

TEST_F(Output, FindingsOfNoRowComeLastAndStatusIsShownWhenMixed) {
  v1::Finding other = Unused("f3", "x", "high");
  other.clear_items();
  other.set_status("waived");
  admin_.findings = {other, Unused("f1", "sato", "low")};
  ASSERT_EQ(Run({"findings", "--status", "all"}), 0) << err_;
  EXPECT_LT(out_.find("Part 1 B9➁"), out_.find("Not on the checklist"));
  EXPECT_THAT(out_, HasSubstr("waived"));
}

TEST_F(Output, FindingsForInformationAndSettledOnesAreNotCountedAsWorkToDo) {
  v1::Finding waived = Unused("f3", "x", "high");
  waived.set_status("waived");
  admin_.findings = {waived, Unused("f1", "sato", "info"), Unused("f2", "suzuki", "low")};
  ASSERT_EQ(Run({"findings", "--status", "all"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("1 to do (0 high, 0 medium, 1 low), 1 for information, 1 waived or resolved\n"));
  ASSERT_EQ(Run({"checklist"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Evidence  To do  Answer\n"));
}

TEST_F(Output, FindingsThatCameBeforeAnErrorAreShownAndTheErrorToo) {
  admin_.findings = {Unused("f1", "sato", "low")};
  admin_.status = {grpc::StatusCode::INTERNAL, "rule silent-device failed"};
  EXPECT_EQ(Run({"findings"}), 5);
  EXPECT_THAT(out_, HasSubstr("Part 1 B9➁ Unused accounts"));
  EXPECT_THAT(err_, HasSubstr("rule silent-device failed"));
  admin_.findings.clear();
  EXPECT_EQ(Run({"findings"}), 5);
  EXPECT_EQ(out_, "");
}

TEST_F(Output, DevicesShowWhenTheyWereLastSeen) {
  v1::Device device = Parse<v1::Device>(
      "device_id: '0123456789abcdef0123456789abcdef' hostname: '検査室-PC1' status: 'active' "
      "os: 'Debian GNU/Linux 12 (bookworm)' software_count: 1053 account_count: 37 open_findings: 2");
  *device.mutable_last_seen() = ToTimestamp(clock_.Now() - 300);
  admin_.devices = {device};
  ASSERT_EQ(Run({"devices", "--lang", "ja"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("01234567  検査室-PC1  稼働"));
  EXPECT_THAT(out_, HasSubstr("稼働  Debian 12  5分前"));
  EXPECT_THAT(out_, HasSubstr("機器 1 台、未対応の指摘 2 件（参考を含む）\n"));
  ExpectFits();
}

TEST_F(Output, AccountsSayWhatTheEvidenceAllows) {
  admin_.accounts = {
      Parse<v1::AccountEntry>(
          "hostname: 'web' account { name: 'sato' uid: 1000 enabled: true admin: true admin_by: "
          "'group sudo' last_use { at { seconds: 1775001600 } source: 'wtmp.1' from: '10.0.0.9' } }"),
      Parse<v1::AccountEntry>(
          "hostname: 'web' account { name: 'old' evidence_since { seconds: 1767225600 } password: 'locked' }"),
      Parse<v1::AccountEntry>("hostname: 'web' account { name: 'ghost' }")};
  width_ = 0;
  ASSERT_EQ(Run({"accounts"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("group sudo  2026-04-01\n"));
  EXPECT_THAT(out_, HasSubstr("none since 2026-01-01\n"));
  EXPECT_THAT(out_, HasSubstr("unknown (no records)"));
  EXPECT_THAT(out_, HasSubstr("Accounts: 3; devices: 1; with admin rights: 1"));
}

TEST_F(Output, ABareMachineHasSystemAccountsOnly) {
  admin_.system_accounts.resize(18);
  EXPECT_EQ(Run({"accounts", "--lang", "ja"}), 0);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(
      err_,
      "人が使うアカウント・ログイン可能なアカウントはありません。システムアカウント 18 件は daicho accounts --all "
      "で表示できます。\n");
  EXPECT_EQ(Run({"accounts", "--device", "web"}), 1);
  EXPECT_THAT(err_, HasSubstr("the 18 system accounts"));
  EXPECT_EQ(admin_.asked_accounts.device(), "web");
  admin_.system_accounts.clear();
  EXPECT_EQ(Run({"accounts"}), 0);
  EXPECT_EQ(err_, "No account matches.\n");
}

TEST_F(Output, TheSheetOfADeviceHasAllItsBlocks) {
  admin_.detail = Parse<v1::DeviceDetail>(
      "device { device_id: '0123456789abcdef0123456789abcdef' hostname: 'web' status: 'active' "
      "last_seen { seconds: 1774915200 } addresses: '192.0.2.5' } "
      "sections { name: 'software' status: OK row_count: 1053 } "
      "sections { name: 'accounts' status: PARTIAL reason: 'shadow not readable' row_count: 37 issue_count: 2 "
      "  issues { file: 'etc/passwd' line: 12 message: 'seven fields expected' } } "
      "hardware { chassis: 'virtual machine' manufacturer: 'ACME' serial: 'S1' cpu_model: 'EPYC' cpu_threads: 2 "
      "memory_mib: 2048 "
      "  disks { name: 'sda' size_mib: 20480 } placeholders: 'uuid: 00000000' } "
      "interfaces { name: 'eth0' kind: 'ethernet' mac: '02:00:00:00:00:01' addresses: '192.0.2.5/24' } "
      "listeners { protocol: 'tcp' address: '0.0.0.0' port: 22 program: 'sshd' } "
      "listeners { protocol: 'tcp6' address: '::ffff:127.0.0.1' port: 5432 } "
      "accounts { name: 'sato' uid: 1000 } "
      "last_cycle { cpu_ms: 21 peak_rss_kib: 9000 bytes_out: 2255 overruns: 'none really' } clock_skew_seconds: -5");
  admin_.detail.add_findings()->CopyFrom(Unused("f1", "sato", "high"));
  ASSERT_EQ(Run({"show", "web", "--lang", "ja"}), 0) << err_;
  EXPECT_EQ(admin_.asked_device.device(), "web");
  for (const char* wanted : {"■ 機器",
                             "0123456789abcdef0123456789abcdef",
                             "2026-03-31 09:00 (24時間前)",
                             "■ 収集状況",
                             "仮想マシン",
                             "有線",
                             "最終使用",
                             "1053",
                             "shadow not readable",
                             "etc/passwd:12: seven fields",
                             "EPYC (2 スレッド)",
                             "20 GiB",
                             "uuid: 00000000",
                             "02:00:00:00:00:01",
                             "sshd",
                             "第1部 B9➁",
                             "21 ms",
                             "2.2 KiB",
                             "9000 KiB",
                             "none really",
                             "-5 s"}) {
    std::string flat = out_;
    EXPECT_THAT(flat, HasSubstr(wanted));
  }
  EXPECT_THAT(out_, HasSubstr("tcp6        127.0.0.1   "));
  ExpectFits();
  ASSERT_EQ(Run({"show", "web", "--json"}), 0) << err_;
  EXPECT_TRUE(out_.starts_with("{\"device\":{\"device_id\":\"0123456789abcdef")) << out_;
}

TEST_F(Output, ADeviceThatNeverReportedHasASheetToo) {
  admin_.detail = Parse<v1::DeviceDetail>("device { device_id: 'd1' hostname: 'new' status: 'enrolled' }");
  ASSERT_EQ(Run({"show", "new"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("(nothing known)"));
  EXPECT_THAT(out_, HasSubstr("No findings."));
}

TEST_F(Output, TheChecklistShowsPartNumberHeadingAndAnswer) {
  ASSERT_EQ(Run({"checklist", "--lang", "ja"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("第1部  B9➁    使用していないアカウント"));
  EXPECT_THAT(out_, HasSubstr("いいえ"));
  EXPECT_THAT(out_, HasSubstr("2 項目、要対応 2 件\n"));
  ExpectFits();
}

TEST_F(Output, AVersionIsWholeOnANarrowTerminal) {
  const std::string version = "1:2.36.1-8+deb11u2~bpo12+20260401";
  admin_.software = {
      Parse<v1::SoftwareEntry>("hostname: 'examination-room-3-pc1' name: 'libreoffice-style-colibre' "
                               "version: '" +
                               version +
                               "' architecture: 'amd64' manager: 'dpkg' "
                               "state: 'installed'")};
  ASSERT_EQ(Run({"software"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(version));
  ExpectFits();
  v1::Device device = Parse<v1::Device>(
      "device_id: '0123456789abcdef' hostname: 'examination-room-3-pc1' status: "
      "'enrolled' os: 'Red Hat Enterprise Linux 9.4 (Plow)'");
  *device.mutable_last_seen() = ToTimestamp(clock_.Now() - 300);
  admin_.devices = {device};
  ASSERT_EQ(Run({"devices"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Red Hat E… 9.4  "));
  ExpectFits();
}

TEST_F(Output, AnAccountIsOneLineInJapanese) {
  admin_.accounts = {Parse<v1::AccountEntry>(
      "hostname: '検査室-PC1' account { name: 'tanaka' uid: 1000 enabled: true admin: false password: 'set' "
      "evidence_since { seconds: 1767225600 } }")};
  ASSERT_EQ(Run({"accounts", "--lang", "ja"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("いいえ  なし（2026-01-01以降）\n"));
  ExpectFits();
}

TEST_F(Output, RowsThatTheFormPrintsWithOneNumberAreToldApart) {
  admin_.checklist = {Parse<v1::ChecklistRow>("id: 'p1.b7.1' part: 1 number: 'B7' heading { en: 'Accountability' }"),
                      Parse<v1::ChecklistRow>("id: 'p1.b7.2' part: 1 number: 'B7' heading { en: 'Accountability' }"),
                      Parse<v1::ChecklistRow>("id: 'p2.b7' part: 2 number: 'B7' heading { en: 'Malware' }")};
  ASSERT_EQ(Run({"checklist"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Part 1  B7(1)   Accountability"));
  EXPECT_THAT(out_, HasSubstr("Part 1  B7(2)   Accountability"));
  EXPECT_THAT(out_, HasSubstr("Part 2  B7      Malware"));
  v1::Finding finding = Unused("f1", "sato", "low");
  finding.set_items(0, "p1.b7.2");
  admin_.findings = {finding};
  ASSERT_EQ(Run({"findings"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("Part 1 B7(2) Accountability"));
}

TEST_F(Output, TextOfADeviceCannotControlTheTerminal) {
  admin_.devices = {Parse<v1::Device>("device_id: 'd1' hostname: 'a\\033]0;owned\\007' os: '\\302\\233' status: 'x'")};
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"devices"}, {"devices", "--json"}}) {
    ASSERT_EQ(Run(arguments), 0) << err_;
    EXPECT_THAT(out_, Not(HasSubstr("\x1b")));
    EXPECT_THAT(out_, Not(HasSubstr("\xc2\x9b")));
  }
}

TEST_F(Output, AListLongerThanOneBlockIsComplete) {
  width_ = 0;
  for (int i = 0; i < 10'050; ++i) {
    v1::SoftwareEntry& entry = admin_.software.emplace_back();
    entry.set_device_id("d1");
    entry.set_name("package-" + std::to_string(i));
  }
  ASSERT_EQ(Run({"software"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("package-0\n"));
  EXPECT_THAT(out_, HasSubstr("package-10049"));
  EXPECT_THAT(out_, HasSubstr("Installations: 10050; devices: 1"));
}

}  // namespace
}  // namespace daicho::collector
