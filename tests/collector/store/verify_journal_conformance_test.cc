// Store::Verify: what the journal says was done is what the tables have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/store/effects.h"
#include "tests/collector/store/proof_test.h"

namespace daicho::collector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kRule = "account-unused";

class VerifyJournalTest : public ProofTest {
 protected:
  // A device that was renewed, one that was revoked, a token for each of them, findings waived and open.
  static void Fill(Store& store) {
    for (const int number : {1, 2}) {
      EnrolDevice(store, DeviceId(number), "pc-" + std::to_string(number), kStart);
      Journaled(store, "device/" + DeviceId(number), "device.enrol", "hostname=pc from=192.0.2.1");
    }
    CheckInToDo check_in = NewCheckIn(DeviceId(1), kStart);
    check_in.write.new_continuation = "next";
    ASSERT_TRUE(CommitOne(store, std::move(check_in.write)).result);
    ASSERT_TRUE(CommitOne(store, RenewWrite{.device_id = DeviceId(1),
                                            .caller_serial = SerialOf(DeviceId(1)),
                                            .continuation = "next",
                                            .certificate_serial = "renewed",
                                            .certificate_not_after = kStart + 90 * kDay,
                                            .at = kStart + kDay,
                                            .result = {}})
                    .result);
    Journaled(store, "device/" + DeviceId(1), "device.renew", "from=192.0.2.1");
    MakeToken(store, "unused", DeviceId(1));
    Judge(store, {"sato", "mori"}, kStart);
    Waive(store, "sato", kStart + 30 * kDay);
    Waive(store, "mori", kStart + 30 * kDay);
    Waive(store, "mori", 0);
    Revoke(store, 2);
  }

  static void Journaled(Store& store, const std::string& actor, const std::string& action, const std::string& detail) {
    CommitOne(store, JournalWrite{.at = kStart, .actor = actor, .action = action, .detail = detail, .result = {}});
  }
  static void MakeToken(Store& store, const std::string& hash, const std::string& device_id) {
    ASSERT_TRUE(CommitOne(store, TokenWrite{.token_hashes = {hash},
                                            .device_id = device_id,
                                            .note = "",
                                            .created_by = "sato",
                                            .created_at = kStart,
                                            .expires_at = kStart + kDay,
                                            .result = {}})
                    .result);
  }
  static void Judge(Store& store, const std::vector<std::string>& subjects, UnixTime at) {
    FindingsWrite write{.rule = kRule, .severity = "high", .device_id = {}, .at = at, .candidates = {}, .result = {}};
    for (const std::string& subject : subjects) write.candidates.push_back({DeviceId(1), subject, {}});
    ASSERT_TRUE(CommitOne(store, write).result);
  }
  // `until` 0 ends the waiver.
  static void Waive(Store& store, const std::string& subject, UnixTime until) {
    const std::string id = AskOne(store, "SELECT finding_id FROM finding WHERE subject = '" + subject + "'");
    ASSERT_TRUE(CommitOne(store, WaiveWrite{.finding_id = id,
                                            .by = "mori",
                                            .reason = "until= we know",
                                            .until = until,
                                            .at = kStart + kDay,
                                            .result = {}})
                    .result);
  }
  static void Revoke(Store& store, int number) {
    ASSERT_TRUE(CommitOne(store, RevokeWrite{.device_id = DeviceId(number),
                                             .reason = "lost device=x reason=y",
                                             .by = "sato",
                                             .at = kStart + kDay,
                                             .result = {}})
                    .result);
  }
};

TEST_P(VerifyJournalTest, WhatWasDoneStandsInTheJournalWithIt) {
  Fill(store());
  EXPECT_THAT(
      Ask(store(), "SELECT actor, action FROM journal WHERE action LIKE '%ed' ORDER BY seq"),
      ElementsAre(ElementsAre("admin/admin/test", "token.created"), ElementsAre("device/" + DeviceId(1), "token.used"),
                  ElementsAre("admin/admin/test", "token.created"), ElementsAre("device/" + DeviceId(2), "token.used"),
                  ElementsAre("admin/sato", "token.created"), ElementsAre("admin/sato", "device.revoked")));
  EXPECT_EQ(Verdict(store()), "sound");
}

TEST_P(VerifyJournalTest, WhatWasNotDoneDoesNot) {
  EnrolDevice(store(), DeviceId(1), "pc-1", kStart);
  const std::string before = AskOne(store(), "SELECT count(*) FROM journal");
  Revoke(store(), 1);
  const auto again = CommitOne(
      store(),
      RevokeWrite{.device_id = DeviceId(1), .reason = "again", .by = "mori", .at = kStart + 2 * kDay, .result = {}});
  EXPECT_TRUE(again.result);
  EXPECT_FALSE(
      CommitOne(store(), RevokeWrite{.device_id = DeviceId(9), .reason = "", .by = "", .at = 1, .result = {}}).result);
  EXPECT_FALSE(
      CommitOne(store(), WaiveWrite{.finding_id = "x", .by = "", .reason = "", .until = 9, .at = 1, .result = {}})
          .result);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM journal"), std::to_string(std::stoi(before) + 1));
  EXPECT_EQ(Verdict(store()), "sound");
}

TEST_P(VerifyJournalTest, WhatTheTablesHaveNoLongerIsNamed) {
  const std::string second = "(SELECT id FROM device_entry WHERE device_id = '" + DeviceId(2) + "')";
  struct Case {
    std::string change;
    std::string entry;  // the last of this action and of an actor like this
    std::string actor;
    std::string named;
  };
  for (const Case& one : std::vector<Case>{
           {"UPDATE device_entry SET revoked_at = NULL, revoked_reason = NULL WHERE id = " + second, "device.revoked",
            "%", "device " + DeviceId(2) + " was revoked"},
           {"UPDATE device_entry SET revoked_at = revoked_at - 1 WHERE id = " + second, "device.revoked", "%",
            "device " + DeviceId(2) + " was revoked"},
           {"UPDATE device_entry SET revoked_reason = 'lost' WHERE id = " + second, "device.revoked", "%",
            "device " + DeviceId(2) + " was revoked"},
           {"UPDATE token_entry SET used_at = NULL WHERE device = " + second, "token.used", "%2",
            "device " + DeviceId(2) + " used token " + TokenPrint(Hex(Sha256("token of " + DeviceId(2))))},
           {"UPDATE token_entry SET device = 1 WHERE device = " + second, "token.used", "%2", " used token "},
           {"DELETE FROM token_entry WHERE token_hash = 'unused'", "token.created", "%sato",
            "token " + TokenPrint("unused") + " is missing"},
           {"UPDATE token_entry SET expires_at = expires_at + 86400 WHERE token_hash = 'unused'", "token.created",
            "%sato", "token " + TokenPrint("unused") + " was made otherwise"},
           {"UPDATE token_entry SET bound = 0 WHERE token_hash = 'unused'", "token.created", "%sato", "made otherwise"},
           {"UPDATE token_entry SET created_by = 'mori' WHERE token_hash = 'unused'", "token.created", "%sato",
            "made otherwise"},
           {"DELETE FROM certificate_entry WHERE serial = 'renewed'", "device.renew", "%",
            "device " + DeviceId(1) + " was given 2 certificates until then; table certificate_entry has 1"},
       }) {
    const auto place = GetParam().make();
    const auto store = place->Open();
    Fill(*store);
    const std::string entry = AskOne(
        *store, "SELECT max(seq) FROM journal WHERE action = '" + one.entry + "' AND actor LIKE '" + one.actor + "'");
    place->Tamper(one.change);
    EXPECT_THAT(Verdict(*store), HasSubstr("journal entry " + entry + ": ")) << one.change;
    EXPECT_THAT(Verdict(*store), HasSubstr(one.named)) << one.change;
  }
}

// A device whose rows went with it, all of them.
TEST_P(VerifyJournalTest, DeviceThatIsGoneAltogetherIsMissed) {
  Fill(store());
  place().Tamper(
      "DELETE FROM certificate_entry WHERE device = 2; UPDATE token_entry SET device = NULL WHERE device = 2; "
      "DELETE FROM device_entry WHERE id = 2");
  EXPECT_THAT(Verdict(store()), HasSubstr("journal entry 5: device " + DeviceId(2) + " used token"));
}

TEST_P(VerifyJournalTest, DeviceThatOnlyTheJournalHasIsMissed) {
  Journaled(store(), "device/" + DeviceId(3), "device.enrol", "hostname=pc from=192.0.2.1");
  EXPECT_THAT(Verdict(store()), HasSubstr("journal entry 1: device " + DeviceId(3) + " is missing"));
}

TEST_P(VerifyJournalTest, FirstOfSeveralIsNamed) {
  Fill(store());
  place().Tamper("UPDATE device_entry SET revoked_at = NULL; DELETE FROM token_entry");
  EXPECT_THAT(Verdict(store()), HasSubstr("journal entry 1: "));
}

TEST_P(VerifyJournalTest, WhatMayBeForgottenIsNotMissed) {
  Fill(store());
  Judge(store(), {"mori"}, kStart + 2 * kDay);  // that of sato is resolved, and forgotten with the tokens
  Forget(store(), kStart + 3 * kDay);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM token"), "0");
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM finding WHERE subject = 'sato'"), "0");
  EXPECT_EQ(Verdict(store()), "sound");
  // Its next life has the number of the one that was waived.
  Judge(store(), {"mori", "sato"}, kStart + 5 * kDay);
  EXPECT_EQ(Verdict(store()), "sound");
  Journaled(store(), "collector", "history.forget", "until 2026-04-04T00:00:00Z: 5 rows, 0 sets of software");
  EXPECT_EQ(Verdict(store()), "sound");
  place().Tamper("UPDATE history_state SET kept_since = kept_since - 1");
  EXPECT_THAT(Verdict(store()), HasSubstr("what was until 2026-04-04T00:00:00Z was forgotten"));
}

TEST_P(VerifyJournalTest, WaiverThatRanOutOrWhoseFindingIsResolvedIsAsItWas) {
  Fill(store());
  Judge(store(), {"sato"}, kStart + 31 * kDay);
  EXPECT_EQ(AskOne(store(), "SELECT status FROM finding WHERE subject = 'sato'"), "open");
  EXPECT_EQ(Verdict(store()), "sound");
  Waive(store(), "sato", kStart + 60 * kDay);
  Judge(store(), {}, kStart + 32 * kDay);
  EXPECT_EQ(AskOne(store(), "SELECT status FROM finding WHERE subject = 'sato'"), "resolved");
  EXPECT_EQ(Verdict(store()), "sound");
}

// A ledger from before: what was asked for is not what was done.
TEST_P(VerifyJournalTest, WhatWasOnlyAskedForIsNotMissed) {
  EnrolDevice(store(), DeviceId(1), "pc-1", kStart);
  Journaled(store(), "admin/sato", "device.revoke", "device=" + DeviceId(1) + " reason=lost");
  Journaled(store(), "admin/sato", "token.create", "valid_seconds=0 device= note=");
  EXPECT_EQ(Verdict(store()), "sound");
}

TEST_P(VerifyJournalTest, WhatIsDoneMeanwhileIsNoDamage) {
  Fill(store());
  for (int i = 0; i < 600; ++i) Journaled(store(), "admin/sato", "x", "y");
  int turn = 0;
  const auto proved = store().Verify([&](auto, auto) {
    Waive(store(), "sato", ++turn % 2 != 0 ? 0 : kStart + 40 * kDay + turn);
    MakeToken(store(), "meanwhile" + std::to_string(turn), "");
    return true;
  });
  EXPECT_TRUE(proved) << proved.error().message;
  EXPECT_GT(turn, 0);
}

TEST_P(VerifyJournalTest, ManyTokensOfOneCallAreAllProved) {
  TokenWrite write;
  for (int i = 0; i < 120; ++i) write.token_hashes.push_back("hash" + std::to_string(i));
  write.created_by = "sato";
  write.created_at = kStart;
  write.expires_at = kStart + kDay;
  ASSERT_TRUE(CommitOne(store(), write).result);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM journal"), "3");
  EXPECT_EQ(Verdict(store()), "sound");
  place().Tamper("DELETE FROM token_entry WHERE token_hash = 'hash119'");
  EXPECT_THAT(Verdict(store()), HasSubstr("journal entry 3: token " + TokenPrint("hash119")));
}

INSTANTIATE_TEST_SUITE_P(Stores, VerifyJournalTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
