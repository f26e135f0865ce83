#include "collector/rules/findings_engine.h"

#include <random>
#include <thread>

#include "tests/collector/rules/case_runner.h"
#include "tests/collector/store/reports.h"

namespace daicho::collector::testing {
namespace {

using Rowset = std::vector<std::vector<std::string>>;

Rule UidRule(const std::string& id, const std::string& where) {
  Rule rule;
  rule.id = id;
  rule.severity = Severity::kMedium;
  rule.select = "SELECT device_id, name AS subject, uid FROM account WHERE " + where;
  rule.evidence = {{"uid", EvidenceKind::kNumber}};
  return rule;
}

class FindingsLife : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    committer_ = std::make_unique<GroupCommitter>(store());
    EnrolDevice(store(), DeviceId(1), "pc-1", kStart);
  }
  void TearDown() override { committer_.reset(); }
  void Accounts(const Rows& rows) { FeedSection(store(), DeviceId(1), "accounts", rows, clock_.Now()); }
  std::unique_ptr<FindingsEngine> Engine(std::vector<Rule> rules) {
    return std::make_unique<FindingsEngine>(store(), *committer_, clock_, RuleSet(std::move(rules), Checklist()));
  }
  Rowset Findings() {
    return Ask(store(),
               "SELECT subject, status, first_seen, last_seen, resolved_at FROM finding ORDER BY first_seen, subject");
  }
  static std::string At(UnixTime days) { return std::to_string(kStart + days * kDay); }

  FakeClock clock_{kStart};
  std::unique_ptr<GroupCommitter> committer_;
};

TEST_P(FindingsLife, OpensResolvesAndOpensAgainAsAnotherFinding) {
  const auto engine = Engine({UidRule("zero", "uid = 0")});
  Accounts({AccountRow("toor", 0)});
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(Findings(), (Rowset{{"toor", "open", At(0), At(0), "-"}}));

  clock_.Advance(kDay);
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(Findings(), (Rowset{{"toor", "open", At(0), At(1), "-"}}));

  clock_.Advance(kDay);
  Accounts({AccountRow("toor", 5)});
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(Findings(), (Rowset{{"toor", "resolved", At(0), At(1), At(2)}}));

  clock_.Advance(kDay);
  Accounts({AccountRow("toor", 0)});
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(Findings(), (Rowset{{"toor", "resolved", At(0), At(1), At(2)}, {"toor", "open", At(3), At(3), "-"}}));
}

TEST_P(FindingsLife, WaiverHoldsUntilItsDateAndThenTheFindingIsOpenAgain) {
  const auto engine = Engine({UidRule("zero", "uid = 0")});
  Accounts({AccountRow("toor", 0)});
  ASSERT_TRUE(engine->Refresh());
  const std::string id = AskOne(store(), "SELECT finding_id FROM finding");
  const auto waived = CommitOne(store(), WaiveWrite{.finding_id = id,
                                                    .by = "admin/sato",
                                                    .reason = "vendor, until the swap",
                                                    .until = kStart + 10 * kDay,
                                                    .at = kStart,
                                                    .result = {}});
  ASSERT_TRUE(waived.result) << waived.result.error().message;
  clock_.Advance(9 * kDay);
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(AskOne(store(), "SELECT status FROM finding"), "waived");
  clock_.Advance(2 * kDay);
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(AskOne(store(), "SELECT status FROM finding"), "open");
}

TEST_P(FindingsLife, RefreshesOnlyWhenSomethingMayHaveChanged) {
  const auto engine = Engine({UidRule("zero", "uid = 0")});
  Accounts({AccountRow("toor", 0)});
  ASSERT_TRUE(engine->Refresh());
  clock_.Advance(kFindingsMaxAge - 1);
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(AskOne(store(), "SELECT last_seen FROM finding"), std::to_string(kStart)) << "nothing changed";
  Accounts({AccountRow("toor", 0), AccountRow("sato", 1000)});
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(AskOne(store(), "SELECT last_seen FROM finding"), std::to_string(clock_.Now())) << "a report";
  clock_.Advance(kFindingsMaxAge);
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(AskOne(store(), "SELECT last_seen FROM finding"), std::to_string(clock_.Now())) << "time";
}

// A report makes one device be judged, and the findings of others stay as they were.
TEST_P(FindingsLife, AReportChangesFindingsOfItsDeviceAlone) {
  EnrolDevice(store(), DeviceId(2), "pc-2", kStart);
  const auto engine = Engine({UidRule("zero", "uid = 0")});
  Accounts({AccountRow("toor", 0)});
  FeedSection(store(), DeviceId(2), "accounts", {AccountRow("evil", 0)}, kStart);
  ASSERT_TRUE(engine->Refresh());
  clock_.Advance(5);
  FeedSection(store(), DeviceId(2), "accounts", {AccountRow("good", 1000)}, clock_.Now());
  ASSERT_TRUE(engine->Refresh());
  const std::string five = std::to_string(kStart + 5);
  EXPECT_EQ(Findings(), (Rowset{{"evil", "resolved", At(0), At(0), five}, {"toor", "open", At(0), At(0), "-"}}));
  FeedSection(store(), DeviceId(2), "accounts", {AccountRow("evil", 0)}, clock_.Now());
  Accounts({AccountRow("toor", 0), AccountRow("sato", 1000)});
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(Findings(), (Rowset{{"evil", "resolved", At(0), At(0), five},
                                {"toor", "open", At(0), five, "-"},
                                {"evil", "open", five, five, "-"}}));
}

// What a look at the changed devices finds is what a look at the whole ledger finds.
TEST_P(FindingsLife, OneByOneIsAsGoodAsAllAtOnce) {
  FindingsEngine one_by_one(store(), *committer_, clock_, ShippedRules());
  ASSERT_TRUE(one_by_one.Refresh());
  std::mt19937 random(11);
  for (int round = 0; round < 12; ++round) {
    for (int device = 2; device < 6; ++device) {
      if (round == 0) EnrolDevice(store(), DeviceId(device), "pc-" + std::to_string(device), clock_.Now());
      Rows accounts;
      for (const char* name : {"root", "toor", "sato", "vendor"}) {
        if (random() % 3 != 0) accounts.push_back(AccountRow(name, random() % 2 == 0 ? 0u : 1000u));
      }
      Rows software;
      for (const char* name : {"anydesk", "openssh-server", "vim"}) {
        const char* states[] = {"installed", "config-files"};
        if (random() % 3 != 0) {
          software.push_back(PackageRow(name, "1." + std::to_string(random() % 4), 0, states[random() % 2]));
        }
      }
      FeedSection(store(), DeviceId(device), "accounts", accounts, clock_.Now());
      FeedSection(store(), DeviceId(device), "software", software, clock_.Now());
      FeedSection(store(), DeviceId(device), "listeners", {ListenerRow(random() % 2 == 0 ? 22u : 80u, "sshd")},
                  clock_.Now());
    }
    clock_.Advance(10);
    ASSERT_TRUE(one_by_one.Refresh());
    const std::string living =
        "SELECT rule, device_id, subject, evidence, severity FROM finding WHERE status <> 'resolved' ORDER BY 1, 2, 3";
    const Rowset before = Ask(store(), living);
    FindingsEngine all_at_once(store(), *committer_, clock_, ShippedRules());
    ASSERT_TRUE(all_at_once.RefreshNow());
    EXPECT_EQ(Ask(store(), living), before) << "round " << round;
    EXPECT_FALSE(before.empty());
  }
}

TEST_P(FindingsLife, RefreshAfterTheClockWasSetBack) {
  const auto engine = Engine({UidRule("zero", "uid = 0")});
  Accounts({AccountRow("toor", 0)});
  clock_.Advance(10 * kDay);
  ASSERT_TRUE(engine->Refresh());
  clock_.Set(kStart);
  ASSERT_TRUE(engine->Refresh());
  EXPECT_EQ(Findings().size(), 1u);
}

TEST_P(FindingsLife, ARuleThatFailsIsNamedAndLeavesItsFindingsWhileOthersGoOn) {
  Accounts({AccountRow("toor", 0), AccountRow("sato", 1000)});
  ASSERT_TRUE(Engine({UidRule("broken", "uid = 0")})->Refresh());
  const auto engine = Engine({UidRule("broken", "no_such_column = 0"), UidRule("works", "uid = 1000")});
  const Status refreshed = engine->Refresh();
  ASSERT_FALSE(refreshed);
  EXPECT_NE(refreshed.error().message.find("rule 'broken'"), std::string::npos) << refreshed.error().message;
  EXPECT_EQ(refreshed.error().message.find("'works'"), std::string::npos);
  EXPECT_EQ(Ask(store(), "SELECT rule, subject, status FROM finding ORDER BY rule"),
            (Rowset{{"broken", "toor", "open"}, {"works", "sato", "open"}}));
  EXPECT_FALSE(engine->Refresh()) << "a failed refresh is tried again at once";
}

TEST_P(FindingsLife, ColumnsThatAreNotDeclaredOrMissingAreErrorsEvenWithoutRows) {
  Rule more = UidRule("more", "uid = 0");
  more.evidence.clear();
  const auto undeclared = EvaluateRule(store(), more, {.now = kStart});
  ASSERT_FALSE(undeclared);
  EXPECT_EQ(undeclared.error().message, "rule 'more': its SELECT gives a column 'uid' that [evidence] does not name");
  Rule fewer = UidRule("fewer", "uid = 0");
  fewer.evidence["shell"] = EvidenceKind::kText;
  const auto missing = EvaluateRule(store(), fewer, {.now = kStart});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, "rule 'fewer': its SELECT gives no column 'shell'");
}

TEST_P(FindingsLife, ARuleThatDoesNotEndIsStoppedAndNamed) {
  Rule endless = UidRule("endless", "uid = 0");
  endless.select =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
      "SELECT device_id, 'x' AS subject, i AS uid FROM device, n WHERE i < 0";
  Accounts({AccountRow("toor", 0)});
  const auto stopped = EvaluateRule(store(), endless, {.now = kStart, .limit_ms = 20});
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, Code::kDeadlineExceeded);
  EXPECT_NE(stopped.error().message.find("rule 'endless'"), std::string::npos) << stopped.error().message;
}

TEST_P(FindingsLife, FindingsOfARuleThatIsGoneAreResolved) {
  Accounts({AccountRow("toor", 0)});
  ASSERT_TRUE(Engine({UidRule("old", "uid = 0")})->Refresh());
  clock_.Advance(kDay);
  ASSERT_TRUE(Engine({UidRule("new", "uid = 0")})->Refresh());
  EXPECT_EQ(Ask(store(), "SELECT rule, status FROM finding ORDER BY rule"),
            (Rowset{{"new", "open"}, {"old", "resolved"}}));
}

TEST_P(FindingsLife, TheSameSubjectTwiceCountsOnce) {
  Accounts({AccountRow("twin", 1), AccountRow("twin", 2)});
  const auto found = EvaluateRule(store(), UidRule("twins", "uid > 0 ORDER BY uid"), {.now = kStart});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().evidence, (std::map<std::string, std::string>{{"subject", "twin"}, {"uid", "1"}}));
}

TEST_P(FindingsLife, ShippedRulesFindNothingOnAnEmptyLedgerAndDoNotFail) {
  FindingsEngine engine(store(), *committer_, clock_, ShippedRules());
  const Status refreshed = engine.RefreshNow();
  EXPECT_TRUE(refreshed) << refreshed.error().message;
  EXPECT_TRUE(Findings().empty());
}

TEST_P(FindingsLife, ManyThreadsMayAsk) {
  Accounts({AccountRow("toor", 0)});
  const auto engine = Engine({UidRule("zero", "uid = 0")});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 20; ++n) EXPECT_TRUE(engine->RefreshNow());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Findings().size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Engines, FindingsLife, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
