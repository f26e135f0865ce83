#include <gtest/gtest.h>

#include "common/protocol.h"
#include "common/x509.h"
#include "tests/collector/services/service_site.h"

namespace daicho::collector {
namespace {

class Enrolment : public ServiceSite {};

TEST_F(Enrolment, TokenBecomesADeviceAndItsCertificate) {
  v1::EnrolResponse response;
  ASSERT_TRUE(TryEnrol(NewToken(), &response).ok());
  const auto info = ReadCertificate(response.certificate_pem());
  ASSERT_TRUE(info);
  EXPECT_TRUE(IsDeviceId(response.device_id()));
  EXPECT_EQ(info->identity_uri, DeviceUri(response.device_id()));
  EXPECT_EQ(info->not_after, clock_.Now() + 365 * kSecondsPerDay);
  EXPECT_EQ(response.ca_pem(), authority_->certificate_pem());
  EXPECT_EQ(Column("SELECT hostname FROM device"), std::vector<std::string>{"pc"});
}

TEST_F(Enrolment, UsedExpiredAndMadeUpTokensAreRefusedInTheSameWords) {
  const std::string used = NewToken();
  ASSERT_TRUE(TryEnrol(used).ok());
  const std::string expired = NewToken({}, 60);
  clock_.Advance(61);
  const grpc::Status of_used = TryEnrol(used);
  EXPECT_EQ(of_used.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(of_used.error_message(), "the token is unknown, used or expired") << "what to do next, the agent says";
  for (const std::string& token : {expired, std::string(64, '0'), std::string(), std::string(10'000, 'x')}) {
    const grpc::Status refused = TryEnrol(token);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::PERMISSION_DENIED) << token.size();
    EXPECT_EQ(refused.error_message(), of_used.error_message());
  }
  EXPECT_EQ(Column("SELECT count(*) FROM device"), std::vector<std::string>{"1"});
}

TEST_F(Enrolment, RequestThatCannotBeSignedCostsNoToken) {
  const std::string token = NewToken();
  grpc::ClientContext context;
  v1::EnrolRequest request;
  request.set_protocol(kProtocolVersion);
  request.set_token(token);
  request.set_csr_pem("junk");
  v1::EnrolResponse response;
  const grpc::Status status = ServiceSite::Enrolment()->Enrol(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("CERTIFICATE REQUEST"), std::string::npos) << status.error_message();
  EXPECT_TRUE(TryEnrol(token).ok());
}

TEST_F(Enrolment, TokenForAKnownDeviceKeepsItsIdAndEndsItsOldCertificate) {
  const EnrolledDevice before = EnrolDevice("ward-pc");
  const EnrolledDevice after = EnrolDevice("ward-pc", before.id);
  EXPECT_EQ(after.id, before.id);
  EXPECT_EQ(CheckIn(*Inventory(before.shown), "software", {}).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(CheckIn(*Inventory(after.shown), "software", {}).ok());
}

TEST_F(Enrolment, ProtocolOfTheFarFutureIsRefusedWithWhatToDo) {
  grpc::ClientContext context;
  v1::EnrolRequest request;
  request.set_protocol(kProtocolVersion + 2);
  request.set_token(NewToken());
  v1::EnrolResponse response;
  const grpc::Status status = ServiceSite::Enrolment()->Enrol(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("update the collector"), std::string::npos) << status.error_message();
}

TEST_F(Enrolment, JournalHasEnrolmentsAndRefusalsButNoToken) {
  const std::string token = NewToken();
  const std::string made_up(64, 'a');
  ASSERT_TRUE(TryEnrol(token).ok());
  TryEnrol(token);
  TryEnrol(made_up);
  std::string actions;
  for (const std::string& action : Column("SELECT action FROM journal ORDER BY seq")) actions += action + " ";
  EXPECT_EQ(actions, "token.create token.created token.used device.enrol device.enrol.refused device.enrol.refused ");
  for (const std::string& detail : Column("SELECT detail FROM journal")) {
    EXPECT_EQ(detail.find(token), std::string::npos);
    EXPECT_EQ(detail.find(made_up), std::string::npos);
  }
}

// Whoever reaches the port can make refusals; he must not be able to fill the disk with them.
TEST_F(Enrolment, RefusalsOfAMinuteAreJournaledUpToALimitAndThenCounted) {
  for (int i = 0; i < Journal::kRefusalsPerMinute + 5; ++i) journal_->WriteRefusal("device/?", "test.refused", "");
  const std::string count = "SELECT count(*) FROM journal WHERE action = 'test.refused'";
  EXPECT_EQ(Column(count), std::vector<std::string>{std::to_string(Journal::kRefusalsPerMinute)});
  clock_.Advance(60);
  journal_->WriteRefusal("device/?", "test.refused", "");
  const auto told = Column("SELECT detail FROM journal WHERE action = 'refusals'");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("5 more"), std::string::npos) << told[0];
}

}  // namespace
}  // namespace daicho::collector
