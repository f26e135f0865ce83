#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collector/store/journal_hash.h"
#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

class FindingsTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    EnrolDevice(store(), kId, "ward-3-pc", kStart);
  }

  // What the rule says of accounts of the one device.
  FindingsCount Judge(const std::vector<std::string>& subjects, UnixTime at, const std::string& days = "90") {
    FindingsWrite write;
    write.rule = "account-unused";
    write.severity = "medium";
    write.at = at;
    for (const std::string& subject : subjects) write.candidates.push_back({kId, subject, {{"days", days}}});
    const FindingsWrite done = CommitOne(store(), std::move(write));
    return done.result.value();
  }
  WaiveWrite Waive(const std::string& id, UnixTime until, UnixTime at) {
    WaiveWrite write;
    write.finding_id = id;
    write.by = "admin/suzuki";
    write.reason = "on leave";
    write.until = until;
    write.at = at;
    return CommitOne(store(), write);
  }
  std::string LivingId(const std::string& subject) {
    return AskOne(store(), "SELECT finding_id FROM finding WHERE subject = :s AND status <> 'resolved'",
                  {{"s", subject}});
  }

  const std::string kId = DeviceId(1);
};

TEST_P(FindingsTest, OpenStayAndResolveByThemselves) {
  EXPECT_EQ(Judge({"sato", "tanaka"}, 100).opened, 2u);
  const FindingsCount second = Judge({"sato"}, 200, "91");
  EXPECT_EQ(second.kept, 1u);
  EXPECT_EQ(second.resolved, 1u);
  EXPECT_THAT(
      Ask(store(),
          "SELECT subject, status, severity, hostname, evidence, first_seen, last_seen, resolved_at FROM finding "
          "ORDER BY subject"),
      ElementsAre(ElementsAre("sato", "open", "medium", "ward-3-pc", R"({"days":"91"})", "100", "200", "-"),
                  ElementsAre("tanaka", "resolved", "medium", "ward-3-pc", R"({"days":"90"})", "100", "100", "200")));
}

TEST_P(FindingsTest, ComingBackIsANewLifeUnderARelatedName) {
  Judge({"sato"}, 100);
  const std::string first = LivingId("sato");
  EXPECT_THAT(first, MatchesRegex("[0-9a-f]{12}-1"));
  Judge({}, 200);
  EXPECT_EQ(Judge({"sato"}, 300).opened, 1u);
  const std::string second = LivingId("sato");
  EXPECT_EQ(second, first.substr(0, 13) + "2");
  EXPECT_EQ(AskOne(store(), "SELECT first_seen FROM finding WHERE finding_id = :id", {{"id", second}}), "300");
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM finding"), "2");
}

TEST_P(FindingsTest, WaivedOnesStayWaivedUntilTheWaiverRunsOut) {
  Judge({"sato"}, 100);
  const std::string id = LivingId("sato");
  ASSERT_TRUE(Waive(id, 500, 150).result);
  Judge({"sato"}, 499);
  EXPECT_THAT(Ask(store(), "SELECT status, waived_by, waive_reason, waived_until FROM finding"),
              ElementsAre(ElementsAre("waived", "admin/suzuki", "on leave", "500")));
  Judge({"sato"}, 500);
  EXPECT_THAT(Ask(store(), "SELECT status, waived_by, waived_until FROM finding"),
              ElementsAre(ElementsAre("open", "-", "-")));
}

TEST_P(FindingsTest, WaiverEndsWhenItsTimeIsSetToThePast) {
  Judge({"sato"}, 100);
  ASSERT_TRUE(Waive(LivingId("sato"), 500, 150).result);
  ASSERT_TRUE(Waive(LivingId("sato"), 150, 160).result);
  EXPECT_EQ(AskOne(store(), "SELECT status FROM finding"), "open");
}

TEST_P(FindingsTest, OnlyLivingFindingsCanBeWaived) {
  EXPECT_EQ(Waive("no-such-1", 500, 100).result.error().code, Code::kNotFound);
  Judge({"sato"}, 100);
  const std::string id = LivingId("sato");
  Judge({}, 200);
  EXPECT_EQ(Waive(id, 500, 300).result.error().code, Code::kFailedPrecondition);
}

TEST_P(FindingsTest, WaivedFindingResolvesWhenTheFactIsGone) {
  Judge({"sato"}, 100);
  ASSERT_TRUE(Waive(LivingId("sato"), 500, 150).result);
  EXPECT_EQ(Judge({}, 200).resolved, 1u);
  EXPECT_EQ(AskOne(store(), "SELECT status FROM finding"), "resolved");
}

TEST_P(FindingsTest, SubjectNamedTwiceIsOneFinding) { EXPECT_EQ(Judge({"sato", "sato"}, 100).opened, 1u); }

// Subjects are names that devices report. A backslash is a text like another: the index must not take it for more.
TEST_P(FindingsTest, SubjectMayBeLongAndHaveAnyCharacter) {
  const std::string text = IncompressibleText(30'000);
  const std::vector<std::string> subjects = {
      text, text + "x", R"(DOMAIN\sato)", R"(\x00)", R"(\\x00)", R"(\000)", "\xe4\xbd\x90\xe8\x97\xa4", R"(\)", ""};
  EXPECT_EQ(Judge(subjects, 100).opened, subjects.size());
  EXPECT_EQ(Judge(subjects, 200).kept, subjects.size());
  for (const std::string& subject : subjects) EXPECT_NE(LivingId(subject), "") << subject.substr(0, 20);
}

TEST_P(FindingsTest, RulesDoNotResolveEachOthersFindings) {
  Judge({"sato"}, 100);
  FindingsWrite other;
  other.rule = "second-root";
  other.at = 200;
  EXPECT_EQ(CommitOne(store(), other).result->resolved, 0u);
  EXPECT_EQ(AskOne(store(), "SELECT status FROM finding"), "open");
}

TEST_P(FindingsTest, UnknownDeviceIsAnErrorAndChangesNothing) {
  Judge({"sato"}, 100);
  FindingsWrite write;
  write.rule = "account-unused";
  write.at = 200;
  write.candidates = {{kId, "new", {}}, {DeviceId(9), "sato", {}}};
  EXPECT_EQ(CommitOne(store(), write).result.error().code, Code::kNotFound);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM finding"), "1");
}

TEST_P(FindingsTest, JournalIsAChainThatCanBeFollowed) {
  for (const char* action : {"token.create", "device.enrol", "device.revoke"}) {
    JournalWrite write;
    write.at = kStart;
    write.actor = "admin/suzuki";
    write.action = action;
    write.detail = "ward 3";
    ASSERT_TRUE(CommitOne(store(), write).result);
    Reopen();
  }
  std::string previous;
  std::int64_t seq = 0;
  for (const auto& row : Ask(store(), "SELECT seq, at, actor, action, detail, hash FROM journal ORDER BY seq")) {
    EXPECT_EQ(row[0], std::to_string(++seq));
    previous = JournalHash(previous, {seq, kStart, row[2], row[3], row[4]});
    EXPECT_EQ(row[5], Hex(previous));
  }
  EXPECT_EQ(seq, 2 + 3) << "and the token of the device, made and used";
}

TEST_P(FindingsTest, JournalHashDependsOnEveryField) {
  const JournalEntry entry{1, 2, "actor", "action", "detail"};
  const std::string hash = JournalHash("", entry);
  for (const JournalEntry& other : std::vector<JournalEntry>{{2, 2, "actor", "action", "detail"},
                                                             {1, 3, "actor", "action", "detail"},
                                                             {1, 2, "actora", "ction", "detail"},
                                                             {1, 2, "actor", "actiond", "etail"}}) {
    EXPECT_NE(JournalHash("", other), hash);
  }
  EXPECT_NE(JournalHash(hash, entry), hash);
}

TEST_P(FindingsTest, ExportRunsAreKept) {
  ExportRunWrite run;
  run.name = "nightly";
  run.at = 100;
  run.ok = true;
  run.result_text = "ok: 12 rows";
  run.file = "ledger.csv";
  ASSERT_TRUE(CommitOne(store(), run).result);
  EXPECT_THAT(Ask(store(), "SELECT name, at, ok, result, file FROM export_run"),
              ElementsAre(ElementsAre("nightly", "100", "1", "ok: 12 rows", "ledger.csv")));
}

INSTANTIATE_TEST_SUITE_P(Stores, FindingsTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
