// Questions about another time than now, and how their answers look.
#include <gmock/gmock.h>

#include <algorithm>

#include "collector/ctl/arguments.h"
#include "common/text.h"
#include "tests/collector/ctl/daicho_fixture.h"

namespace daicho::collector {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// Now is 2026-04-01 09:00 in Japan.
class History : public DaichoFixture {
 protected:
  static std::vector<v1::Change> AWeekOfChanges() {
    return {Parse<v1::Change>("device_id: 'd1' hostname: 'examination-room-3-pc1' section: 'device' kind: 'added'"),
            Parse<v1::Change>("device_id: 'd2' hostname: '検査室-PC1' section: 'software' kind: 'changed' subject: "
                              "'openssl (amd64)' fields { field: 'version' before: '3.0.11' after: '3.0.13' } "
                              "fields { field: 'install_date' after: '2026-03-30' }"),
            Parse<v1::Change>("device_id: 'd2' hostname: '検査室-PC1' section: 'accounts' kind: 'removed' subject: "
                              "'tanaka' fields { field: 'uid' before: '1000' } fields { field: 'shell' before: "
                              "'/bin/bash' }")};
  }

  void ExpectFits() const {
    std::string_view rest = out_;
    std::string_view line;
    while (NextLine(rest, line)) EXPECT_LE(DisplayWidth(line), width_) << line;
  }
};

TEST_F(History, ADateReachesToItsEndAndTodayToNow) {
  const UnixTime now = clock_.Now();
  EXPECT_EQ(*ParseMoment("--at", "2026-03-31", now, Language::kEnglish), *ParseTime("2026-03-31T23:59:59+09:00"));
  EXPECT_EQ(*ParseMoment("--at", "2026-04-01", now, Language::kEnglish), now);
  EXPECT_EQ(*ParseMoment("--at", "2026-03-31T12:00:00Z", now, Language::kEnglish), *ParseTime("2026-03-31T12:00:00Z"));
  for (const char* bad : {"2026-04-02", "2026-04-01T00:00:01Z", "yesterday", ""}) {
    EXPECT_FALSE(ParseMoment("--at", bad, now, Language::kEnglish)) << bad;
  }
}

TEST_F(History, SinceADateIncludesThatDay) {
  const UnixTime now = clock_.Now();
  EXPECT_EQ(*ParseSince("--since", "2026-04-01", now, Language::kEnglish), *ParseTime("2026-03-31T23:59:59+09:00"));
  EXPECT_EQ(*ParseSince("--since", "2026-03-31T12:00:00Z", now, Language::kEnglish),
            *ParseTime("2026-03-31T12:00:00Z"));
  for (const char* bad : {"2026-04-02", "2026-04-01T00:00:01Z", "yesterday", ""}) {
    EXPECT_FALSE(ParseSince("--since", bad, now, Language::kEnglish)) << bad;
  }
}

TEST_F(History, TheSheetOfThePastSaysOfWhen) {
  admin_.detail = Parse<v1::DeviceDetail>(
      "device { device_id: 'd1' hostname: 'web' status: 'active' } at { seconds: 1774969199 }");  // 2026-03-31 23:59:59
  ASSERT_EQ(Run({"show", "web", "--at", "2026-03-31"}), 0) << err_;
  EXPECT_EQ(FromTimestamp(admin_.asked_device.at()), 1'774'969'199);
  EXPECT_THAT(out_, HasSubstr("As of"));
  EXPECT_THAT(out_, HasSubstr("2026-03-31 23:59"));
  EXPECT_THAT(out_, Not(HasSubstr("Last cycle")));
  EXPECT_EQ(Run({"show", "web", "--at", "2026-04-02"}), 2);
  EXPECT_THAT(err_, HasSubstr("--at '2026-04-02'"));
}

TEST_F(History, ACollectorThatKnowsNoPastIsNotBelieved) {
  admin_.detail = Parse<v1::DeviceDetail>("device { device_id: 'd1' hostname: 'web' status: 'active' }");
  EXPECT_EQ(Run({"show", "web", "--at", "2026-03-31"}), 5);
  EXPECT_EQ(out_, "");
  EXPECT_THAT(err_, HasSubstr("too old"));
}

TEST_F(History, ListsOfThePastAskForThatMoment) {
  const auto moment = "at { seconds: 1774969199 }";  // 2026-03-31 23:59:59
  admin_.software = {
      Parse<v1::SoftwareEntry>(std::string("hostname: 'web' name: 'openssl' version: '3.0.11' ") + moment)};
  ASSERT_EQ(Run({"software", "openssl", "--at", "2026-03-31"}), 0) << err_;
  EXPECT_EQ(FromTimestamp(admin_.asked_software.at()), 1'774'969'199);
  EXPECT_THAT(out_, HasSubstr("3.0.11"));
  admin_.accounts = {Parse<v1::AccountEntry>(std::string("hostname: 'web' account { name: 'sato' } ") + moment)};
  ASSERT_EQ(Run({"accounts", "--at", "2026-03-31", "--json"}), 0) << err_;
  EXPECT_EQ(FromTimestamp(admin_.asked_accounts.at()), 1'774'969'199);
  EXPECT_THAT(out_, HasSubstr("\"at\":\"2026-03-31T14:59:59Z\""));
  for (const char* list : {"software", "accounts"}) {
    EXPECT_EQ(Run({list, "--at", "2026-04-02"}), 2);
    EXPECT_THAT(err_, HasSubstr("--at '2026-04-02'"));
  }
}

TEST_F(History, ListsOfNowAreNotTakenForThoseOfThePast) {
  admin_.software = {Parse<v1::SoftwareEntry>("hostname: 'web' name: 'openssl' version: '3.0.11'")};
  admin_.accounts = {Parse<v1::AccountEntry>("hostname: 'web' account { name: 'sato' }")};
  for (const char* list : {"software", "accounts"}) {
    EXPECT_EQ(Run({list, "--at", "2026-03-31", "--json"}), 5);
    EXPECT_EQ(out_, "");
    EXPECT_THAT(err_, HasSubstr("too old"));
  }
}

TEST_F(History, DiffAsksForWholeDays) {
  ASSERT_EQ(Run({"diff", "--since", "2026-03-25", "--until", "2026-03-31", "--device", "web"}), 0) << err_;
  EXPECT_EQ(FromTimestamp(admin_.asked_changes.since()), *ParseTime("2026-03-24T23:59:59+09:00"));
  EXPECT_EQ(FromTimestamp(admin_.asked_changes.until()), *ParseTime("2026-03-31T23:59:59+09:00"));
  EXPECT_EQ(admin_.asked_changes.device(), "web");
  EXPECT_EQ(out_, "Nothing changed.\n");
  ASSERT_EQ(Run({"diff", "--since", "2026-03-25"}), 0) << err_;
  EXPECT_FALSE(admin_.asked_changes.has_until());
  EXPECT_EQ(Run({"diff"}), 2);
  EXPECT_EQ(Run({"diff", "--since", "2026-04-02"}), 2);
  EXPECT_THAT(err_, HasSubstr("--since '2026-04-02'"));
  EXPECT_EQ(Run({"diff", "--since", "2026-03-25", "--until", "2026-04-02"}), 2);
  EXPECT_THAT(err_, HasSubstr("--until '2026-04-02'"));
}

TEST_F(History, DiffIsATableThatFitsInBothLanguages) {
  admin_.changes = AWeekOfChanges();
  ASSERT_EQ(Run({"diff", "--since", "2026-03-25", "--lang", "en"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("version 3.0.11 → 3.0.13, install_date - → 2026-03-30\n"));
  EXPECT_THAT(out_, HasSubstr("uid 1000, shell /bin/bash\n"));
  EXPECT_THAT(out_, HasSubstr("Changes: 3; devices: 2\n"));
  for (const char* language : {"ja", "en"}) {
    width_ = 80;
    ASSERT_EQ(Run({"diff", "--since", "2026-03-25", "--lang", language}), 0) << err_;
    ExpectFits();
  }
  width_ = 0;
  ASSERT_EQ(Run({"diff", "--since", "2026-03-25", "--lang", "ja"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("検査室-PC1              ソフトウェア  変更  openssl (amd64)"));
  EXPECT_THAT(out_, HasSubstr("変化 3 件 (機器 2 台)\n"));
}

TEST_F(History, DiffAsJsonIsOneChangeALine) {
  admin_.changes = AWeekOfChanges();
  ASSERT_EQ(Run({"diff", "--since", "2026-03-25", "--json"}), 0) << err_;
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 3);
  EXPECT_THAT(out_, HasSubstr("{\"field\":\"version\",\"before\":\"3.0.11\",\"after\":\"3.0.13\"}"));
}

TEST_F(History, DiffOfADeviceNobodyKnowsIsExitCode1) {
  admin_.status = {grpc::StatusCode::NOT_FOUND, "no device 'web'"};
  EXPECT_EQ(Run({"diff", "--since", "2026-03-25", "--device", "web"}), 1);
  EXPECT_EQ(out_, "");
}

TEST_F(History, AProofShowsHowFarItIsAtATerminalAndWhatWasProved) {
  admin_.proof = {
      Parse<v1::VerifyLedgerProgress>("done: 5 of: 10"),
      Parse<v1::VerifyLedgerProgress>("outcome { devices: 2 sections: 18 items: 900 sets: 4 journal_entries: 77 }")};
  ASSERT_EQ(Run({"verify"}), 0) << err_;
  EXPECT_EQ(out_, "The ledger is sound: 2 devices, 18 sections, 77 journal entries.\n");
  EXPECT_EQ(err_, "");
  err_is_terminal_ = true;
  ASSERT_EQ(Run({"verify", "--lang", "ja"}), 0) << err_;
  EXPECT_EQ(out_, "台帳は正しい状態です (機器 2 台、区分 18 件、監査記録 77 件)。\n");
  EXPECT_THAT(err_, HasSubstr("確認中 5 / 10"));
  ASSERT_EQ(Run({"verify", "--json"}), 0) << err_;
  EXPECT_EQ(out_, "{\"sound\":true,\"devices\":2,\"sections\":18,\"items\":900,\"sets\":4,\"journal_entries\":77}\n");
}

TEST_F(History, ADamagedLedgerIsExitCode5AndItsPlaceNamed) {
  admin_.proof = {Parse<v1::VerifyLedgerProgress>("done: 5 of: 10")};
  admin_.status = {grpc::StatusCode::DATA_LOSS, "item 7: not what was written"};
  EXPECT_EQ(Run({"verify"}), 5);
  EXPECT_THAT(err_, HasSubstr("item 7"));
  EXPECT_EQ(out_, "");
}

// Scripts read the same object whether the ledger is sound or not, as from daicho-collector verify.
TEST_F(History, VerdictOfADamagedLedgerWasNoJson) {
  admin_.status = {grpc::StatusCode::DATA_LOSS, "item 7: not what was written"};
  EXPECT_EQ(Run({"verify", "--json"}), 5);
  EXPECT_THAT(out_, AllOf(StartsWith("{\"sound\":false,\"problem\":\""), HasSubstr("item 7")));
  admin_.proof = {Parse<v1::VerifyLedgerProgress>("outcome { problem: 'item 7: \"x\"' }")};
  EXPECT_EQ(Run({"verify", "--json"}), 5);
  EXPECT_EQ(out_, "{\"sound\":false,\"problem\":\"item 7: \\\"x\\\"\"}\n");
  EXPECT_THAT(err_, HasSubstr("item 7"));
}

// Nothing is known of a ledger that nobody proved.
TEST_F(History, FailureOfTheProofIsNoVerdict) {
  for (const auto code : {grpc::StatusCode::UNAVAILABLE, grpc::StatusCode::RESOURCE_EXHAUSTED}) {
    admin_.status = {code, "not now"};
    EXPECT_NE(Run({"verify", "--json"}), 0);
    EXPECT_EQ(out_, "");
  }
}

// A proof that was cut off has proved nothing.
TEST_F(History, AProofWithoutAnOutcomeIsNotTakenForASoundLedger) {
  admin_.proof = {Parse<v1::VerifyLedgerProgress>("done: 10 of: 10")};
  EXPECT_EQ(Run({"verify"}), 5);
  EXPECT_EQ(out_, "");
}

}  // namespace
}  // namespace daicho::collector
