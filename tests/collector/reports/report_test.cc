#include "collector/reports/report.h"

#include "collector/reports/render.h"
#include "collector/rules/findings_engine.h"
#include "common/sections.h"
#include "tests/collector/rules/case_runner.h"
#include "tests/collector/store/reports.h"

namespace daicho::collector::testing {
namespace {

std::string AccountOf(const std::string& name, std::uint32_t uid, bool enabled, UnixTime last_use_at) {
  v1::Account account;
  account.set_name(name);
  account.set_uid(uid);
  account.set_full_name(name == "yamada" ? "山田 花子" : "");
  account.set_human(uid >= 1000);
  account.set_enabled(enabled);
  account.set_admin(name == "vendor");
  if (name == "vendor") account.add_admin_by("group sudo");
  if (last_use_at != 0) {
    account.mutable_last_use()->mutable_at()->set_seconds(last_use_at);
    account.mutable_last_use()->set_source("wtmp");
    account.mutable_evidence_since()->set_seconds(kStart - 400 * kDay);
  }
  return RowBytes(account);
}

std::string HardwareOf(const std::string& serial) {
  v1::Hardware hardware;
  hardware.set_manufacturer("富士通");
  hardware.set_model("ESPRIMO D7012");
  hardware.set_serial(serial);
  hardware.set_chassis("desktop");
  return RowBytes(hardware);
}

class Reports : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    EnrolDevice(store(), DeviceId(1), "検査室-PC1", kStart);
    Feed("os", {OsRow("検査室-PC1")});
    Feed("hardware", {HardwareOf("YLXK000123")});
    Feed("network", {InterfaceRow("eth0", "02:00:00:00:00:01", {"192.0.2.10/24"})});
    Feed("listeners", {ListenerRow(22, "sshd")});
    Feed("software", {PackageRow("bash", "5.2.15-2+b7", kStart - 100 * kDay), PackageRow("anydesk", "6.3.0"),
                      PackageRow("apache2", "2.4.62", 0, "config-files")});
    Feed("accounts", {AccountOf("yamada", 1001, true, kStart - 91 * kDay), AccountOf("daemon", 1, false, 0),
                      AccountOf("vendor", 1002, true, kStart - kDay)});
    EnrolDevice(store(), DeviceId(2), "gone", kStart);
    CommitOne(store(),
              RevokeWrite{.device_id = DeviceId(2), .reason = "discarded", .by = "admin", .at = kStart, .result = {}});
    Refresh();
  }
  void Feed(const std::string& section, const Rows& rows) {
    CheckInOk(store(), DeviceId(1), {{section, rows}}, kStart);
    ASSERT_EQ(FeedSection(store(), DeviceId(1), section, rows, kStart).outcome(), v1::APPLIED) << section;
  }
  void Refresh() {
    GroupCommitter committer(store());
    const FakeClock clock(kStart);
    const Status refreshed = FindingsEngine(store(), committer, clock, rules_).RefreshNow();
    ASSERT_TRUE(refreshed) << refreshed.error().message;
  }
  std::string Csv(const std::string& what, Language language = Language::kJapanese) {
    const ReportContext context{.store = store(), .rules = rules_, .now = kStart, .language = language};
    TableCollector collector;
    const Status built = BuildReport(context, what, collector);
    if (!built) return built.error().message;
    for (const auto& row : collector.table.rows) EXPECT_EQ(row.size(), collector.table.columns.size());
    std::string csv;
    const auto rows = RenderReport(context, what, "csv", [&](std::string_view piece) -> Status {
      csv += piece;
      return {};
    });
    EXPECT_EQ(rows, collector.table.rows.size());
    return csv.substr(3);
  }

  const RuleSet rules_ = ShippedRules();
};

TEST_P(Reports, LedgerHasTheFormsColumnsAndLeavesAPersonsEmpty) {
  EXPECT_EQ(Csv("ledger"),
            "管理番号,機器区分,機器名,システム名,メーカー,型番,製造番号,設置場所,利用者/管理者,IPアドレス,MACアドレス,"
            "OS・版,サポート期限,使用可否,保守事業者,リモート保守,MDS/SDS,最終確認日時,情報源(自動/手入力)\r\n"
            ",デスクトップPC,検査室-PC1,,富士通,ESPRIMO D7012,YLXK000123,,,192.0.2.10,02:00:00:00:00:01,"
            "12.5,,,,\"AnyDesk (anydesk), SSH (tcp/22)\",,2026-04-01 09:00:00,自動\r\n");
}

TEST_P(Reports, SoftwareHasTheFormsColumnsAndSaysOnWhichDevice) {
  EXPECT_EQ(Csv("software"),
            "管理番号,名称,版,発行元,導入日,判定,機器名\r\n"
            ",anydesk,6.3.0,,,要対応: リモート保守ソフトウェアの導入,検査室-PC1\r\n"
            ",apache2,2.4.62,,,要確認: 削除後も設定が残っているソフトウェア,検査室-PC1\r\n"
            ",bash,5.2.15-2+b7,,2025-12-22 09:00:00,指摘なし,検査室-PC1\r\n");
}

// One architecture of a package is removed, the other is not: the finding is about the one.
TEST_P(Reports, SoftwareIsJudgedByArchitectureAndDeviceByDevice) {
  const auto package = [](const std::string& architecture, const std::string& state) {
    v1::Software software;
    software.ParseFromString(PackageRow("libx", "1", 0, state));
    software.set_architecture(architecture);
    return RowBytes(software);
  };
  EnrolDevice(store(), DeviceId(3), "検査室-PC1", kStart);
  EnrolDevice(store(), DeviceId(4), "web", kStart);
  FeedSection(store(), DeviceId(3), "software",
              {package("amd64", "config-files"), package("i386", "installed"), package("x32", "not-installed")},
              kStart);
  FeedSection(store(), DeviceId(4), "software", {package("amd64", "installed")}, kStart);
  Refresh();
  const std::string one = "検査室-PC1 (" + DeviceId(1).substr(0, 8) + ")\r\n";
  const std::string other = "検査室-PC1 (" + DeviceId(3).substr(0, 8) + ")\r\n";
  EXPECT_EQ(Csv("software"),
            "管理番号,名称,版,発行元,導入日,判定,機器名\r\n"
            ",libx,1,,,指摘なし,web\r\n"
            ",anydesk,6.3.0,,,要対応: リモート保守ソフトウェアの導入," +
                one + ",apache2,2.4.62,,,要確認: 削除後も設定が残っているソフトウェア," + one +
                ",bash,5.2.15-2+b7,,2025-12-22 09:00:00,指摘なし," + one +
                ",libx,1,,,要確認: 削除後も設定が残っているソフトウェア," + other + ",libx,1,,,指摘なし," + other);
}

TEST_P(Reports, AccountsHaveTheFormsColumnsJudgementsAndReasons) {
  EXPECT_EQ(
      Csv("accounts"),
      "機器/システム,ID,氏名,所属,権限,有効/無効,最終ログオン,判定,理由,対応期限\r\n"
      "検査室-PC1,vendor,,,管理者 (group sudo),有効,2026-03-31 09:00:00,要確認,"
      "アカウント vendor（氏名: 不明）は管理者権限を持っています（根拠: group sudo、最終使用: 2026-03-31）。,\r\n"
      "検査室-PC1,yamada,山田 花子,,一般,有効,2025-12-31 09:00:00,要対応,"
      "アカウント yamada（氏名: 山田 花子）の最後の使用記録は 2025-12-31（根拠: wtmp）で、その後 2026-04-01 までの "
      "91 日間、途切れのないログイン記録（2025-02-25 以降）の中に使用の記録がありません。,\r\n");
}

// Nothing found is not the same as nothing to be found.
TEST_P(Reports, AccountsThatCouldNotBeJudgedAreNotCalledClean) {
  v1::Account unread;
  unread.set_name("unread");
  unread.set_uid(1003);
  v1::Account disabled = unread;
  disabled.set_name("disabled");
  disabled.set_human(true);
  disabled.set_enabled(false);
  Feed("accounts", {RowBytes(unread), RowBytes(disabled)});
  Refresh();
  const std::string csv = Csv("accounts");
  EXPECT_NE(csv.find("検査室-PC1,unread,,,,,,判定不可,,\r\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find("検査室-PC1,disabled,,,,無効,,指摘なし,,\r\n"), std::string::npos) << csv;

  CheckInToDo failed = NewCheckIn(DeviceId(1), kStart);
  v1::SectionState& accounts = *failed.request->add_sections();
  accounts.set_name("accounts");
  accounts.set_status(v1::FAILED);
  accounts.set_reason("cannot be read");
  ASSERT_TRUE(CommitOne(store(), std::move(failed.write)).result);
  EXPECT_NE(Csv("accounts", Language::kEnglish).find(",disabled,,cannot be judged,,\r\n"), std::string::npos);
}

TEST_P(Reports, FindingsComeBySeverityWithSentenceResolutionAndItems) {
  const std::string csv = Csv("findings");
  EXPECT_TRUE(csv.starts_with("日時,機器,対象,ルール,重要度,根拠,対応,項番,状態\r\n")) << csv;
  const auto unused = csv.find("2026-04-01 09:00:00,検査室-PC1,yamada,90日以上使われていないアカウント,中,");
  const auto admin = csv.find("2026-04-01 09:00:00,検査室-PC1,vendor,管理者権限を持つアカウント,情報,");
  ASSERT_NE(unused, std::string::npos) << csv;
  ASSERT_NE(admin, std::string::npos) << csv;
  EXPECT_LT(unused, admin);
  EXPECT_NE(csv.find(",Part1 B9➁ 医療情報システムの管理・運用,未対応\r\n"), std::string::npos) << csv;
  EXPECT_EQ(csv.find("daemon"), std::string::npos);
}

TEST_P(Reports, CellsFollowTheLanguage) {
  const std::string csv = Csv("accounts", Language::kEnglish);
  EXPECT_NE(csv.find("検査室-PC1,yamada,山田 花子,,ordinary,enabled,2025-12-31 09:00:00,to be dealt with,"
                     "\"The last recorded use of account yamada"),
            std::string::npos)
      << csv;
}

TEST_P(Reports, WaivedAndResolvedFindingsSayByWhomAndWhen) {
  const std::string id = AskOne(store(), "SELECT finding_id FROM finding WHERE subject = 'anydesk'");
  CommitOne(store(), WaiveWrite{.finding_id = id,
                                .by = "admin/sato",
                                .reason = "保守契約12",
                                .until = kStart + 30 * kDay,
                                .at = kStart,
                                .result = {}});
  Feed("listeners", {ListenerRow(80, "nginx")});
  Refresh();
  const std::string csv = Csv("findings");
  EXPECT_NE(csv.find("\"例外承認 (2026-05-01, admin/sato: 保守契約12)\"\r\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find("解消 (2026-04-01)\r\n"), std::string::npos) << csv;
  EXPECT_NE(Csv("software").find("例外承認済: リモート保守ソフトウェアの導入"), std::string::npos);
  EXPECT_NE(Csv("ledger").find(",AnyDesk (anydesk),"), std::string::npos) << "a waived tool is still there";
}

TEST_P(Reports, NoRemoteMaintenanceIsSaidOnlyWhereListenersAreKnown) {
  EnrolDevice(store(), DeviceId(3), "new-pc", kStart);
  EnrolDevice(store(), DeviceId(4), "quiet-pc", kStart);
  CheckInOk(store(), DeviceId(4), {{"listeners", {}}}, kStart);
  FeedSection(store(), DeviceId(4), "listeners", {}, kStart);
  const std::string csv = Csv("ledger");
  EXPECT_NE(csv.find(",,new-pc,,,,,,,,,,,,,,,2026-04-01 09:00:00,自動\r\n"), std::string::npos) << csv;
  EXPECT_NE(csv.find(",,quiet-pc,,,,,,,,,,,,,検出なし,,"), std::string::npos) << csv;
}

TEST_P(Reports, FindingsOfARevokedDeviceAreLeftOut) {
  EXPECT_NE(Csv("findings").find("検査室-PC1"), std::string::npos);
  CommitOne(store(),
            RevokeWrite{.device_id = DeviceId(1), .reason = "discarded", .by = "admin", .at = kStart, .result = {}});
  Refresh();
  EXPECT_EQ(Csv("findings").find("検査室-PC1"), std::string::npos) << Csv("findings");
}

TEST_P(Reports, DevicesOfTheSameNameAreToldApart) {
  EnrolDevice(store(), DeviceId(5), "検査室-PC1", kStart);
  const std::string csv = Csv("ledger");
  EXPECT_NE(csv.find("検査室-PC1 (" + DeviceId(1).substr(0, 8) + ")"), std::string::npos) << csv;
  EXPECT_NE(csv.find("検査室-PC1 (" + DeviceId(5).substr(0, 8) + ")"), std::string::npos) << csv;
}

TEST_P(Reports, UnknownReportListsThoseThereAre) {
  EXPECT_EQ(Csv("inventory"), "no report 'inventory'; valid: ledger, software, accounts, findings");
}

INSTANTIATE_TEST_SUITE_P(Engines, Reports, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
