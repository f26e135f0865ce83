// The uplink against a collector in this process (fake_collector.h), over real TLS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/identity/continuation.h"
#include "agent/identity/row_file.h"
#include "agent/uplink/channel.h"
#include "agent/uplink/check_in.h"
#include "common/files.h"
#include "common/protocol.h"
#include "tests/agent/runtime/fake_collector.h"
#include "tests/agent/runtime/state_folder.h"

namespace daicho::agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr UnixTime kDay = 86400;

std::string Package(const std::string& name, const std::string& version, UnixTime installed_at = 0) {
  v1::Software row;
  row.set_manager("dpkg");
  row.set_name(name);
  row.set_architecture("all");
  row.set_version(version);
  if (installed_at != 0) row.mutable_installed_at()->set_seconds(installed_at);
  return row.SerializeAsString();
}

v1::Section Software(const Rows& rows, v1::SectionStatus status = v1::OK) {
  v1::Section section;
  section.set_name("software");
  section.set_status(status);
  for (const std::string& row : rows) section.add_rows(row);
  return section;
}

v1::Section Failed(const std::string& name) {
  v1::Section section;
  section.set_name(name);
  section.set_status(v1::FAILED);
  section.set_reason("a reason");
  return section;
}

Rows Ordered(Rows rows) {
  OrderRows(rows);
  return rows;
}

class Uplink : public testing::Test {
 protected:
  Uplink() : identity_(collector_.NewDevice(kNow - kDay, kNow + 90 * kDay)) {
    EXPECT_TRUE(MakeFolder(folder_.state.IdentityFolder(), 0700));  // as every enrolment leaves one
  }

  CycleRecord CheckInWith(std::vector<v1::Section> sections, std::vector<std::string> endpoints = {}) {
    if (endpoints.empty()) endpoints = {collector_.Endpoint()};
    std::vector<std::unique_ptr<UplinkSession>> sessions;
    for (const std::string& endpoint : endpoints) {
      sessions.push_back(std::make_unique<UplinkSession>(OpenChannel(endpoint, identity_), endpoint));
    }
    Collected collected{.collected_at = kNow - 5, .sections = std::move(sections), .complete = true, .problem = {}};
    CheckIn check_in({folder_.state, identity_, "0.1.0", instance_, std::move(collected), last_cycle_}, clock_);
    return check_in.Run(sessions);
  }

  // The real time: TLS judges certificates by the system's clock.
  const UnixTime kNow = SystemClock().Now();
  FakeClock clock_{kNow};
  FakeCollector collector_{kNow};
  Identity identity_;
  StateFolder folder_;
  CycleRecord last_cycle_;
  std::string instance_ = "one-start-of-the-agent";
  const Rows base_ = Ordered({Package("bash", "5.2"), Package("curl", "8.0"), Package("vim", "9.0")});
};

TEST_F(Uplink, SendsEverythingFirstThenNothingThenOnlyTheChange) {
  const CycleRecord first = CheckInWith({Software(base_)});
  EXPECT_TRUE(first.CheckedIn()) << first.message;
  EXPECT_THAT(first.sections_sent, ElementsAre("software"));
  EXPECT_EQ(first.sections[0].outcome, "APPLIED");
  EXPECT_EQ(first.next_check_in_seconds, 300u);
  EXPECT_EQ(collector_.held["software"], base_);

  const CycleRecord unchanged = CheckInWith({Software(base_)});
  EXPECT_THAT(unchanged.sections_sent, IsEmpty());
  EXPECT_EQ(unchanged.sections[0].outcome, "UNCHANGED");
  EXPECT_THAT(collector_.reports, SizeIs(1));

  const Rows changed = Ordered({Package("bash", "5.2"), Package("curl", "8.1"), Package("vim", "9.0")});
  CheckInWith({Software(changed)});
  EXPECT_EQ(collector_.held["software"], changed);
  const v1::SectionDelta& delta = collector_.reports.back().sections(0);
  EXPECT_EQ(delta.base_digest(), DigestRows(base_));
  EXPECT_THAT(delta.added(), ElementsAre(Package("curl", "8.1")));
  EXPECT_EQ(delta.removed_size(), 1);
}

TEST_F(Uplink, GoesOnFromWhatTheCollectorSaidLastAndSaysWhatTheMachineIs) {
  v1::Os row;
  row.set_hostname("ward-1");
  row.set_machine_id("0123456789abcdef");
  v1::Section os;
  os.set_name("os");
  os.set_status(v1::OK);
  os.add_rows(row.SerializeAsString());
  CheckInWith({os, Software(base_)});
  EXPECT_EQ(LoadContinuation(folder_.state), "continuation-1");
  EXPECT_EQ(collector_.reports.back().continuation(), "continuation-1");
  CheckInWith({os, Software(base_)});
  EXPECT_EQ(collector_.check_ins[0].line().continuation(), "");
  const v1::DeviceLine& line = collector_.check_ins[1].line();
  EXPECT_EQ(line.continuation(), "continuation-1");
  EXPECT_EQ(line.instance(), "one-start-of-the-agent");
  EXPECT_EQ(line.hostname(), "ward-1");
  EXPECT_EQ(line.machine_id(), "0123456789abcdef");
}

TEST_F(Uplink, AgentThatStartedAgainAfterALostAnswerIsKnownAsTheOneThatAsked) {
  CheckInWith({Software(base_)});
  collector_.lost_answers = 1;
  EXPECT_FALSE(CheckInWith({Software(base_)}).CheckedIn());
  instance_ = "the-next-start";
  EXPECT_TRUE(CheckInWith({Software(base_)}).CheckedIn());
  EXPECT_TRUE(CheckInWith({Software(base_)}).CheckedIn());
  std::vector<std::pair<std::string, std::string>> asked;
  for (const v1::CheckInRequest& request : collector_.check_ins) {
    asked.emplace_back(request.line().continuation(), request.line().instance());
  }
  EXPECT_THAT(
      asked, ElementsAre(std::pair("", "one-start-of-the-agent"), std::pair("continuation-1", "one-start-of-the-agent"),
                         std::pair("continuation-1", "one-start-of-the-agent"),
                         std::pair("continuation-3", "the-next-start")));
}

TEST_F(Uplink, OrderAndDoubleRowsOfTheCollectionDoNotMatter) {
  CheckInWith({Software(base_)});
  Rows mixed(base_.rbegin(), base_.rend());
  mixed.push_back(base_.front());
  EXPECT_THAT(CheckInWith({Software(mixed)}).sections_sent, IsEmpty());
}

TEST_F(Uplink, LostOrDamagedAcknowledgedRowsCostOneFullReport) {
  CheckInWith({Software(base_)});
  Rows changed = Ordered({Package("bash", "5.3")});
  ASSERT_TRUE(WriteFileAtomically(folder_.state.Acknowledged("software"), "damaged"));
  CheckInWith({Software(changed)});
  EXPECT_EQ(collector_.reports.back().sections(0).base_digest(), "");
  EXPECT_EQ(collector_.held["software"], changed);
  EXPECT_EQ(LoadRowFile(folder_.state.Acknowledged("software"))->rows, changed);
}

TEST_F(Uplink, CollectorWithAnotherBaseGetsTheFullSection) {
  CheckInWith({Software(base_)});
  collector_.held["software"] = {Package("other", "1")};
  EXPECT_EQ(CheckInWith({Software(base_)}).sections[0].outcome, "APPLIED");
  EXPECT_EQ(collector_.reports.back().sections(0).base_digest(), "");
  EXPECT_EQ(collector_.held["software"], base_);
}

TEST_F(Uplink, NeedFullIsAnsweredOnceWithTheFullSection) {
  CheckInWith({Software(base_)});
  collector_.forced_outcomes["software"] = v1::NEED_FULL;
  const Rows changed = Ordered({Package("bash", "5.3")});
  const CycleRecord record = CheckInWith({Software(changed)});
  EXPECT_EQ(record.sections[0].outcome, "APPLIED");
  EXPECT_THAT(record.sections_sent, ElementsAre("software"));
  EXPECT_THAT(collector_.reports, SizeIs(3));
  EXPECT_EQ(collector_.held["software"], changed);
}

TEST_F(Uplink, FailedSectionSendsItsStateAndNoRows) {
  CheckInWith({Software(base_)});
  const CycleRecord record = CheckInWith({Failed("software")});
  EXPECT_TRUE(record.CheckedIn());
  EXPECT_EQ(record.sections[0].outcome, "NOT_SENT");
  EXPECT_EQ(collector_.check_ins.back().sections(0).digest(), "");
  EXPECT_EQ(collector_.check_ins.back().sections(0).reason(), "a reason");
  EXPECT_EQ(collector_.held["software"], base_);
  EXPECT_THAT(CheckInWith({Software(base_)}).sections_sent, IsEmpty())
      << "the acknowledged state must outlive a failure";
}

TEST_F(Uplink, PartialSectionKeepsWhatItDidNotSeeAndFieldsItDoesNotState) {
  const Rows known = Ordered({Package("bash", "5.2", 1000), Package("curl", "8.0"), Package("vim", "9.0")});
  CheckInWith({Software(known)});
  CheckInWith({Software({Package("bash", "5.3")}, v1::PARTIAL)});
  const Rows expected = Ordered({Package("bash", "5.3", 1000), Package("curl", "8.0"), Package("vim", "9.0")});
  EXPECT_EQ(collector_.held["software"], expected);
  EXPECT_THAT(CheckInWith({Software({Package("bash", "5.3")}, v1::PARTIAL)}).sections_sent, IsEmpty());
}

TEST_F(Uplink, PartialSectionWithoutAcknowledgedRowsIsMergedAndNotTakenAsTheWhole) {
  collector_.held["software"] = base_;
  const CycleRecord record = CheckInWith({Software({Package("bash", "5.3")}, v1::PARTIAL)});
  EXPECT_EQ(record.sections[0].outcome, "MERGED");
  EXPECT_FALSE(LoadRowFile(folder_.state.Acknowledged("software")));
}

TEST_F(Uplink, RowOverTheLimitIsLeftOutAndSaid) {
  const CycleRecord record = CheckInWith({Software({base_[0], Package(std::string(kMaxRowBytes, 'x'), "1")})});
  EXPECT_EQ(record.sections[0].status, "PARTIAL");
  EXPECT_THAT(record.sections[0].message, HasSubstr("1 rows over 65536 bytes left out"));
  EXPECT_EQ(collector_.check_ins.back().sections(0).issue_count(), 1u);
  EXPECT_EQ(collector_.held["software"], Rows{base_[0]});
}

TEST_F(Uplink, ReportsOverFourMebibytesAreSplitAndOverTheMessageLimitNotSent) {
  const auto big = [](const std::string& name, std::size_t rows) {
    v1::Section section;
    section.set_name(name);
    section.set_status(v1::OK);
    for (std::size_t i = 0; i < rows; ++i) section.add_rows(std::to_string(100 + i) + std::string(50'000, 'x'));
    return section;
  };
  const CycleRecord record = CheckInWith({big("software", 60), big("groups", 60), big("listeners", 200)});
  EXPECT_THAT(collector_.reports, SizeIs(2));
  EXPECT_EQ(record.sections[1].outcome, "APPLIED");
  EXPECT_EQ(record.sections[2].outcome, "NOT_SENT");
  EXPECT_THAT(record.sections[2].message, HasSubstr("over the limit of one message"));
}

TEST_F(Uplink, RejectedRowsAreSaidAndSentAgainNextTime) {
  collector_.forced_outcomes["software"] = v1::REJECTED;
  const CycleRecord record = CheckInWith({Software(base_)});
  EXPECT_TRUE(record.CheckedIn());
  EXPECT_EQ(record.sections[0].outcome, "REJECTED");
  EXPECT_THAT(record.warnings, ElementsAre(HasSubstr("fake: rows rejected")));
  EXPECT_EQ(CheckInWith({Software(base_)}).sections[0].outcome, "APPLIED");
}

TEST_F(Uplink, CostAndOverrunsOfTheLastCycleAreReported) {
  last_cycle_.cpu_ms = 17;
  last_cycle_.overruns = {"collection killed: 10 s CPU ceiling"};
  CheckInWith({});
  EXPECT_EQ(collector_.check_ins.back().last_cycle().cpu_ms(), 17u);
  EXPECT_THAT(collector_.check_ins.back().last_cycle().overruns(), ElementsAre("collection killed: 10 s CPU ceiling"));
}

// A bug found: 20 overruns were sent where 16 are taken; the collector refused every check-in from then on.
TEST_F(Uplink, MoreOverrunsThanTheWireTakesDoNotLockTheDeviceOut) {
  for (int i = 0; i < 20; ++i) last_cycle_.overruns.push_back("overrun " + std::to_string(i));
  last_cycle_.overruns.push_back(std::string(kMaxOverrunBytes + 1, 'x'));
  CheckInWith({});
  const auto& sent = collector_.check_ins.back().last_cycle().overruns();
  ASSERT_EQ(sent.size(), static_cast<int>(kMaxOverruns));
  EXPECT_EQ(sent[0], "overrun 5");
  EXPECT_LE(sent[kMaxOverruns - 1].size(), kMaxOverrunBytes);
}

// A bug found: the path of a sudoers include, 5,000 characters long, made every check-in one that is refused.
TEST_F(Uplink, OneLongPathDoesNotSilenceTheMachine) {
  std::string path;
  for (int i = 0; i < 2000; ++i) path += "漢";
  v1::Section section = Failed("software");
  section.set_reason(path);
  section.add_issues()->set_file(path);
  section.mutable_issues(0)->set_message(path);
  CheckInWith({section});
  const v1::SectionState& sent = collector_.check_ins.back().sections(0);
  EXPECT_LE(sent.reason().size(), kMaxReasonBytes);
  EXPECT_THAT(sent.reason(), testing::EndsWith("漢…"));
  EXPECT_LE(sent.issues(0).file().size(), kMaxIssueFileBytes);
  EXPECT_LE(sent.issues(0).message().size(), kMaxIssueMessageBytes);
  EXPECT_EQ(sent.issue_count(), 1u);
}

TEST_F(Uplink, RevokedDeviceIsToldWhatToDo) {
  collector_.refusal = {grpc::StatusCode::PERMISSION_DENIED, "device revoked"};
  const CycleRecord record = CheckInWith({Software(base_)});
  EXPECT_EQ(record.code, static_cast<int>(Code::kPermissionDenied));
  EXPECT_THAT(record.message, HasSubstr("device revoked"));
  EXPECT_THAT(record.message, HasSubstr("daicho-agent enrol --force"));
  EXPECT_EQ(record.sections[0].outcome, "NOT_SENT");
}

TEST_F(Uplink, BusyCollectorSaysWhenToComeAgain) {
  collector_.refusal = {grpc::StatusCode::RESOURCE_EXHAUSTED, "busy"};
  collector_.retry_after_seconds = 77;
  const CycleRecord record = CheckInWith({Software(base_)});
  EXPECT_EQ(record.code, static_cast<int>(Code::kResourceExhausted));
  EXPECT_EQ(record.retry_after_seconds, 77u);
}

TEST_F(Uplink, NextCollectorIsTriedWhenOneCannotBeReached) {
  const CycleRecord record = CheckInWith({Software(base_)}, {"127.0.0.1:1", collector_.Endpoint()});
  EXPECT_TRUE(record.CheckedIn()) << record.message;
  EXPECT_THAT(record.warnings, ElementsAre(HasSubstr("cannot reach the collector at 127.0.0.1:1")));
}

TEST_F(Uplink, CollectorOfAnotherAuthorityIsNotBelieved) {
  FakeCollector stranger(kNow);
  const CycleRecord record = CheckInWith({Software(base_)}, {stranger.Endpoint()});
  EXPECT_EQ(record.code, static_cast<int>(Code::kUnauthenticated)) << record.message;
  EXPECT_THAT(record.message, HasSubstr("ca.pem"));
  EXPECT_THAT(stranger.check_ins, IsEmpty());
}

TEST_F(Uplink, CertificateIsRenewedFromHalfOfItsLifeOnAndTheKeyStays) {
  ASSERT_TRUE(SaveEnrolment(folder_.state, identity_, {{collector_.Endpoint()}}));
  CheckInWith({});
  EXPECT_EQ(collector_.renewals, 0);
  clock_.Set(kNow + 45 * kDay);
  EXPECT_THAT(CheckInWith({}).warnings, IsEmpty());
  EXPECT_EQ(collector_.renewals, 1);
  const auto renewed = LoadIdentity(folder_.state);
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_EQ(renewed->device_id, identity_.device_id);
  EXPECT_EQ(renewed->private_key_pem, identity_.private_key_pem);
  EXPECT_GT(renewed->not_after, identity_.not_after);
}

// A bug found: a device whose report failed each time let its certificate expire.
TEST_F(Uplink, CertificateIsRenewedAlsoWhenTheReportFails) {
  ASSERT_TRUE(SaveEnrolment(folder_.state, identity_, {{collector_.Endpoint()}}));
  collector_.report_refusal = {grpc::StatusCode::INTERNAL, "no room on the disk"};
  clock_.Set(kNow + 80 * kDay);
  const CycleRecord record = CheckInWith({Software(base_)});
  EXPECT_FALSE(record.CheckedIn());
  EXPECT_EQ(collector_.renewals, 1);
  EXPECT_NE(LoadIdentity(folder_.state)->certificate_pem, identity_.certificate_pem);
}

// A bug found: the machine's own clock decided, which may be years behind.
TEST_F(Uplink, RenewalIsJudgedByTheCollectorsClock) {
  ASSERT_TRUE(SaveEnrolment(folder_.state, identity_, {{collector_.Endpoint()}}));
  clock_.Set(kNow - 3000 * kDay);
  collector_.collector_time = kNow;
  CheckInWith({});
  EXPECT_EQ(collector_.renewals, 0);
  collector_.collector_time = kNow + 45 * kDay;
  CheckInWith({});
  EXPECT_EQ(collector_.renewals, 1);
  clock_.Set(kNow + 3000 * kDay);
  collector_.collector_time = kNow;
  CheckInWith({});
  EXPECT_EQ(collector_.renewals, 1) << "a clock ahead would renew at each check-in";
}

TEST_F(Uplink, ShortLivedCertificateIsReplacedByOneThatOpensTheDoor) {
  identity_ = collector_.NewDevice(kNow - 60, kNow + 50);
  ASSERT_TRUE(SaveEnrolment(folder_.state, identity_, {{collector_.Endpoint()}}));
  EXPECT_TRUE(CheckInWith({}).CheckedIn());
  EXPECT_EQ(collector_.renewals, 1);
  const std::string short_lived = std::exchange(identity_, *LoadIdentity(folder_.state)).certificate_pem;
  EXPECT_NE(identity_.certificate_pem, short_lived);
  const CycleRecord record = CheckInWith({Software(base_)});
  EXPECT_TRUE(record.CheckedIn()) << record.message;
  EXPECT_EQ(collector_.renewals, 1);
}

TEST_F(Uplink, CertificateForAnotherDeviceIsNotTaken) {
  ASSERT_TRUE(SaveEnrolment(folder_.state, identity_, {{collector_.Endpoint()}}));
  collector_.NewDevice(kNow - kDay, kNow + kDay);  // renewals now name this one
  clock_.Set(kNow + 80 * kDay);
  EXPECT_THAT(CheckInWith({}).warnings, ElementsAre(HasSubstr("another device")));
  EXPECT_EQ(LoadIdentity(folder_.state)->certificate_pem, identity_.certificate_pem);
}

TEST_F(Uplink, TokenOpensTheDoorOnce) {
  Identity nobody;
  nobody.authority_pem = collector_.AuthorityPem();
  UplinkSession session(OpenChannel(collector_.Endpoint(), nobody), collector_.Endpoint());
  v1::EnrolRequest request;
  request.set_token("fake-token");
  request.set_csr_pem(*NewCertificateRequest(identity_.private_key_pem, "x"));
  const auto enrolled = session.Enrol(request);
  ASSERT_TRUE(enrolled) << enrolled.error().message;
  EXPECT_EQ(*DeviceIdOf(ReadCertificate(enrolled->certificate_pem())->identity_uri), enrolled->device_id());
  EXPECT_EQ(session.Enrol(request).error().code, Code::kPermissionDenied);
}

}  // namespace
}  // namespace daicho::agent
