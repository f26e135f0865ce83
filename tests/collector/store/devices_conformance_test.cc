#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "collector/store/group_committer.h"
#include "tests/collector/store/reports.h"
#include "tests/collector/store/store_factory.h"

namespace daicho::collector::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TokenWrite Token(const std::string& hash, UnixTime expires_at, const std::string& device_id = "") {
  TokenWrite token;
  token.token_hashes = {hash};
  token.device_id = device_id;
  token.note = "ward 3";
  token.created_by = "admin/suzuki";
  token.created_at = kStart;
  token.expires_at = expires_at;
  return token;
}

EnrolWrite Enrol(const std::string& hash, const std::string& device_id, const std::string& serial, UnixTime at) {
  EnrolWrite enrol;
  enrol.token_hash = hash;
  enrol.device_id = device_id;
  enrol.hostname = "ward-3-pc";
  enrol.certificate_serial = serial;
  enrol.certificate_not_after = at + 90 * kDay;
  enrol.at = at;
  return enrol;
}

RenewWrite Renew(const std::string& device_id, const std::string& serial) {
  RenewWrite renew;
  renew.device_id = device_id;
  renew.caller_serial = SerialOf(device_id);
  renew.certificate_serial = serial;
  renew.at = kStart + kDay;
  return renew;
}

class DevicesTest : public StoreTest {
 protected:
  bool Accepts(const std::string& device_id, const std::string& serial) {
    CheckInWrite check_in = NewCheckIn(device_id, kStart).write;
    check_in.caller_serial = serial;
    const auto done = CommitOne(store(), std::move(check_in)).result;
    if (!done) {
      EXPECT_EQ(done.error().code, Code::kPermissionDenied);
    }
    return done.has_value();
  }
  const std::string kId = DeviceId(1);
};

TEST_P(DevicesTest, TokenEnrolsOnce) {
  ASSERT_TRUE(CommitOne(store(), Token("t1", kStart + kDay)).result);
  EXPECT_EQ(store().FindToken("t1", kStart)->device_id, "");
  ASSERT_TRUE(CommitOne(store(), Enrol("t1", kId, "01", kStart)).result);
  const auto again = CommitOne(store(), Enrol("t1", DeviceId(2), "02", kStart));
  ASSERT_FALSE(again.result);
  EXPECT_EQ(again.result.error().code, Code::kPermissionDenied);
  EXPECT_EQ(store().FindToken("t1", kStart).error().code, Code::kPermissionDenied);
  EXPECT_EQ(store().FindDevice(DeviceId(2)).error().code, Code::kNotFound);
  EXPECT_FALSE(Accepts(DeviceId(2), "02"));
  EXPECT_THAT(Ask(store(), "SELECT device_id, used_at, note, created_by FROM token"),
              ElementsAre(ElementsAre(kId, std::to_string(kStart), "ward 3", "admin/suzuki")));
}

TEST_P(DevicesTest, OfTwoEnrolmentsInOneBatchOneGetsTheToken) {
  ASSERT_TRUE(CommitOne(store(), Token("t1", kStart + kDay)).result);
  std::vector<StoreWrite> batch = {Enrol("t1", kId, "01", kStart), Enrol("t1", DeviceId(2), "02", kStart)};
  ASSERT_TRUE(store().Commit(batch));
  EXPECT_TRUE(std::get<EnrolWrite>(batch[0]).result);
  EXPECT_FALSE(std::get<EnrolWrite>(batch[1]).result);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM device"), "1");
}

TEST_P(DevicesTest, ExpiredAndMadeUpTokensAreRefused) {
  ASSERT_TRUE(CommitOne(store(), Token("t1", kStart + kDay)).result);
  EXPECT_FALSE(CommitOne(store(), Enrol("t1", kId, "01", kStart + kDay)).result) << "at expires_at it is over";
  EXPECT_FALSE(CommitOne(store(), Enrol("made-up", kId, "01", kStart)).result);
  EXPECT_EQ(store().FindToken("t1", kStart + kDay).error().code, Code::kPermissionDenied);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM device"), "0");
}

TEST_P(DevicesTest, TokenHashIsTakenOnce) {
  ASSERT_TRUE(CommitOne(store(), Token("t1", kStart + kDay)).result);
  EXPECT_EQ(CommitOne(store(), Token("t1", kStart + kDay)).result.error().code, Code::kAlreadyExists);
  EXPECT_EQ(CommitOne(store(), Token("t2", kStart + kDay, DeviceId(9))).result.error().code, Code::kNotFound);
}

TEST_P(DevicesTest, TokenOfADeviceEnrolsThatDeviceAgainAndNoOther) {
  EnrolDevice(store(), kId, "ward-3-pc", kStart);
  EnrolDevice(store(), DeviceId(2), "other", kStart);
  ASSERT_TRUE(CommitOne(store(), Token("again", kStart + kDay, kId)).result);
  EXPECT_EQ(store().FindToken("again", kStart)->device_id, kId);
  EXPECT_FALSE(CommitOne(store(), Enrol("again", DeviceId(2), "02", kStart)).result);
  ASSERT_TRUE(CommitOne(store(), Enrol("again", kId, "new", kStart + 5)).result);
  EXPECT_TRUE(Accepts(kId, "new"));
  EXPECT_FALSE(Accepts(kId, SerialOf(kId))) << "earlier certificates stop being accepted";
}

TEST_P(DevicesTest, OpenTokenDoesNotTakeOverAKnownDevice) {
  EnrolDevice(store(), kId, "ward-3-pc", kStart);
  ASSERT_TRUE(CommitOne(store(), Token("open", kStart + kDay)).result);
  EXPECT_FALSE(CommitOne(store(), Enrol("open", kId, "stolen", kStart)).result);
  EXPECT_FALSE(Accepts(kId, "stolen"));
  EXPECT_TRUE(store().FindToken("open", kStart)) << "a refused enrolment burns nothing";
}

TEST_P(DevicesTest, RenewedCertificateReplacesTheOldOneAtItsFirstUse) {
  EnrolDevice(store(), kId, "ward-3-pc", kStart);
  const std::string old = SerialOf(kId);
  ASSERT_TRUE(CommitOne(store(), Renew(kId, "lost-answer")).result);
  EXPECT_TRUE(Accepts(kId, old));
  ASSERT_TRUE(CommitOne(store(), Renew(kId, "arrived")).result);
  EXPECT_FALSE(Accepts(kId, "lost-answer"));
  EXPECT_TRUE(Accepts(kId, old));
  EXPECT_TRUE(Accepts(kId, "arrived"));
  Reopen();
  EXPECT_FALSE(Accepts(kId, old));
  EXPECT_TRUE(Accepts(kId, "arrived"));
}

TEST_P(DevicesTest, CertificateOfAnotherDeviceIsNotAccepted) {
  EnrolDevice(store(), kId, "a", kStart);
  EnrolDevice(store(), DeviceId(2), "b", kStart);
  EXPECT_FALSE(Accepts(kId, SerialOf(DeviceId(2))));
  EXPECT_EQ(CommitOne(store(), Renew(kId, SerialOf(DeviceId(2)))).result.error().code, Code::kAlreadyExists);
  EXPECT_TRUE(Accepts(DeviceId(2), SerialOf(DeviceId(2))));
}

TEST_P(DevicesTest, RevokedDeviceStaysInTheLedgerAndIsRefused) {
  EnrolDevice(store(), kId, "ward-3-pc", kStart);
  FeedSection(store(), kId, "software", {PackageRow("bash", "5.2")}, kStart);
  RevokeWrite revoke;
  revoke.device_id = kId;
  revoke.reason = "stolen";
  revoke.at = kStart + 60;
  ASSERT_TRUE(CommitOne(store(), revoke).result);
  revoke.at = kStart + 120;
  ASSERT_TRUE(CommitOne(store(), revoke).result) << "revoking twice is a success";
  EXPECT_EQ(*store().FindDevice(kId), DeviceStatus::kRevoked);
  EXPECT_FALSE(Accepts(kId, SerialOf(kId)));
  EXPECT_THAT(Ask(store(), "SELECT status, revoked_at, revoked_reason, software_count FROM device"),
              ElementsAre(ElementsAre("revoked", std::to_string(kStart + 60), "stolen", "1")));
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM installation"), "1");
  EXPECT_EQ(CommitOne(store(), Renew(kId, "n")).result.error().code, Code::kPermissionDenied);
  ASSERT_TRUE(CommitOne(store(), Token("again", kStart + kDay, kId)).result);
  EXPECT_FALSE(CommitOne(store(), Enrol("again", kId, "n", kStart)).result);
  revoke.device_id = DeviceId(9);
  EXPECT_EQ(CommitOne(store(), revoke).result.error().code, Code::kNotFound);
}

TEST_P(DevicesTest, StatusGoesFromEnrolledToActiveWithTheFirstReport) {
  EnrolDevice(store(), kId, "ward-3-pc", kStart);
  EXPECT_EQ(*store().FindDevice(kId), DeviceStatus::kEnrolled);
  EXPECT_EQ(AskOne(store(), "SELECT status FROM device"), "enrolled");
  FeedSection(store(), kId, "os", {OsRow("reported-name")}, kStart);
  EXPECT_EQ(*store().FindDevice(kId), DeviceStatus::kActive);
  EXPECT_EQ(AskOne(store(), "SELECT status || ' ' || hostname FROM device"), "active reported-name");
}

TEST_P(DevicesTest, NewsIsNamedAndWhatIsNoNewsIsNot) {
  const Rows rows = {OsRow("a")};
  std::uint64_t seen = 0;
  const auto news = [&](const std::string& what) {
    const LedgerChanges changes = store().ChangesSince(seen);
    seen = changes.count;
    EXPECT_TRUE(changes.devices) << what;
    return changes.devices.value_or(std::vector<std::string>());
  };
  EnrolDevice(store(), kId, "ward-3-pc", kStart);
  EXPECT_THAT(news("enrolment"), ElementsAre(kId));
  CheckInOk(store(), kId, {{"os", rows}}, kStart);
  EXPECT_THAT(news("first words"), ElementsAre(kId));
  FeedSection(store(), kId, "os", rows, kStart);
  EXPECT_THAT(news("report"), ElementsAre(kId));
  FeedSection(store(), kId, "os", rows, kStart + 1);
  CheckInOk(store(), kId, {{"os", rows}}, kStart + 60);
  CommitOne(store(), JournalWrite{.at = kStart, .actor = "a", .action = "b", .detail = "", .result = {}});
  EXPECT_THAT(news("the same again"), IsEmpty());
  CheckInOk(store(), kId, {{"os", rows}}, kStart + 60 + kDay);
  EXPECT_THAT(news("a word after a day"), ElementsAre(kId));
  const CheckInToDo failed = NewCheckIn(kId, kStart + 61 + kDay);
  failed.request->add_sections()->set_name("os");
  failed.request->mutable_sections(0)->set_status(v1::FAILED);
  CommitOne(store(), failed.write);
  EXPECT_THAT(news("another status"), ElementsAre(kId));
  CommitOne(store(), RevokeWrite{.device_id = kId, .reason = "", .by = "admin", .at = kStart, .result = {}});
  EXPECT_THAT(news("revocation"), ElementsAre(kId));
  EXPECT_FALSE(store().ChangesSince(seen + 1).devices) << "a count of another process";
}

TEST_P(DevicesTest, RefusedWriteLeavesTheRestOfItsBatchAlone) {
  ASSERT_TRUE(CommitOne(store(), Token("t1", kStart + kDay)).result);
  std::vector<StoreWrite> batch = {Token("t1", kStart + kDay), Enrol("t1", kId, "01", kStart), Renew(DeviceId(9), "x")};
  ASSERT_TRUE(store().Commit(batch));
  EXPECT_FALSE(std::get<TokenWrite>(batch[0]).result);
  EXPECT_TRUE(std::get<EnrolWrite>(batch[1]).result);
  EXPECT_FALSE(std::get<RenewWrite>(batch[2]).result);
  EXPECT_TRUE(Accepts(kId, "01"));
}

TEST_P(DevicesTest, TokensOfOneWriteAreKeptAllOrNone) {
  TokenWrite some = Token("t1", kStart + kDay);
  some.token_hashes = {"t1", "t2", "t3"};
  ASSERT_TRUE(CommitOne(store(), some).result);
  for (const char* hash : {"t1", "t2", "t3"}) EXPECT_TRUE(store().FindToken(hash, kStart)) << hash;
  some.token_hashes = {"t4", "t2"};
  EXPECT_EQ(CommitOne(store(), some).result.error().code, Code::kAlreadyExists);
  EXPECT_FALSE(store().FindToken("t4", kStart));
}

TEST_P(DevicesTest, ManyThreadsWriteExactlyAndReadMeanwhile) {
  constexpr int kThreads = 8;
  constexpr int kReports = 10;
  for (int i = 0; i < kThreads; ++i) EnrolDevice(store(), DeviceId(i), "host", kStart);
  GroupCommitter committer(store());
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 1; n <= kReports; ++n) {
        // Everyone brings the same new items at the same time: the dictionary is what they share.
        Rows rows = {PackageRow("shared", std::to_string(n)), PackageRow("own-" + std::to_string(i), "1")};
        OrderRows(rows);
        ReportToDo report = NewReport(DeviceId(i), kStart + n);
        v1::SectionDelta& delta = *report.request->add_sections();
        delta.set_name("software");
        delta.set_status(v1::OK);
        MakeFull(rows, delta);
        const auto done = committer.Submit(std::move(report.write));
        const bool good = done && done->result && done->result->at(0).outcome() == v1::APPLIED &&
                          store().SectionRows(DeviceId(i), "software") == Result<Rows>(rows);
        if (!good) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM software"), std::to_string(kThreads + kReports));
  EXPECT_EQ(AskOne(store(), "SELECT count(*) FROM installation WHERE name = 'shared' AND version = '10'"),
            std::to_string(kThreads));
}

TEST_P(DevicesTest, CommitterTellsOfEachCommit) {
  std::atomic<std::size_t> writes = 0;
  std::atomic<int> failures = 0;
  GroupCommitter committer(store(), [&](const CommitOutcome& commit) {
    writes += commit.writes;
    failures += commit.done ? 0 : 1;
  });
  ASSERT_TRUE(committer.Submit(Token("t1", kStart + kDay)));
  EXPECT_EQ(writes, 1u) << "told before who waits is answered";
  ASSERT_TRUE(committer.Submit(Token("t1", kStart + kDay)));
  EXPECT_EQ(writes, 2u);
  EXPECT_EQ(failures, 0) << "a write that was refused is no commit that failed";
  EXPECT_EQ(committer.QueueLength(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Stores, DevicesTest, ::testing::ValuesIn(AllStoreFactories()), FactoryName);

}  // namespace
}  // namespace daicho::collector::testing
