#include <gtest/gtest.h>

#include "common/protocol.h"
#include "common/x509.h"
#include "tests/collector/services/service_site.h"

namespace daicho::collector {
namespace {

class Inventory : public ServiceSite {
 protected:
  Inventory() : ServiceSite({.interval_seconds = 1000, .jitter_percent = 10}) {}
};

grpc::Status Renew(v1::Inventory::Stub& stub, const std::string& key, v1::RenewResponse* response) {
  grpc::ClientContext context;
  v1::RenewRequest request;
  request.set_protocol(kProtocolVersion);
  request.set_csr_pem(NewCertificateRequest(key, "pc").value());
  return stub.Renew(&context, request, response);
}

grpc::Status EmptyReport(v1::Inventory::Stub& stub) {
  grpc::ClientContext context;
  v1::ReportRequest request;
  request.set_protocol(kProtocolVersion);
  v1::ReportResponse response;
  return stub.Report(&context, request, &response);
}

TEST_F(Inventory, WantsWhatItHasNotAndThenNothing) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = ServiceSite::Inventory(device.shown);
  const Rows rows = {SoftwareRow("bash", "5.2-2"), SoftwareRow("zsh", "5.9-4")};
  v1::CheckInResponse first;
  ASSERT_TRUE(CheckIn(*stub, "software", rows, &first).ok());
  ASSERT_EQ(first.wanted_size(), 1);
  EXPECT_EQ(first.wanted(0).name(), "software");
  EXPECT_EQ(first.wanted(0).base_digest(), "");
  EXPECT_EQ(ReportFull(*stub, "software", rows), v1::APPLIED);
  v1::CheckInResponse second;
  ASSERT_TRUE(CheckIn(*stub, "software", rows, &second).ok());
  EXPECT_EQ(second.wanted_size(), 0);
  EXPECT_EQ(second.collector_time().seconds(), clock_.Now());
}

TEST_F(Inventory, NextCheckInIsSpreadAroundTheInterval) {
  const auto stub = ServiceSite::Inventory(EnrolDevice("pc").shown);
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 20; ++i) {
    v1::CheckInResponse response;
    ASSERT_TRUE(CheckIn(*stub, "software", {}, &response).ok());
    EXPECT_GE(response.next_check_in_seconds(), 900u);
    EXPECT_LE(response.next_check_in_seconds(), 1100u);
    seen.insert(response.next_check_in_seconds());
  }
  EXPECT_GT(seen.size(), 1u);
}

TEST_F(Inventory, CallerWithoutACertificateIsUnauthenticated) {
  const auto stub = ServiceSite::Inventory({});
  EXPECT_EQ(CheckIn(*stub, "software", {}).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(EmptyReport(*stub).error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

TEST_F(Inventory, CertificateOfAnotherAuthorityDoesNotGetThroughTls) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto foreign = NewAuthority("Daicho CA", clock_.Now() - 60, clock_.Now() + kSecondsPerDay).value();
  const std::string key = NewPrivateKey().value();
  const std::string certificate = SignKey(foreign, key,
                                          {.common_name = "pc",
                                           .identity_uri = DeviceUri(device.id),
                                           .dns_names = {},
                                           .ip_addresses = {},
                                           .not_before = clock_.Now() - 60,
                                           .not_after = clock_.Now() + 3600})
                                      .value();
  const auto stub = ServiceSite::Inventory({.key_pem = key, .certificate_pem = certificate});
  EXPECT_EQ(CheckIn(*stub, "software", {}).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Inventory, ADeviceKnowsItsCollectorByTheAuthority) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto foreign = NewAuthority("Daicho CA", clock_.Now() - 60, clock_.Now() + kSecondsPerDay).value();
  const auto stub = v1::Inventory::NewStub(Channel(agents_->endpoint(), device.shown, foreign.certificate_pem));
  EXPECT_EQ(CheckIn(*stub, "software", {}).error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(Inventory, AdminCertificateReportsNothing) {
  const Credential admin = authority_->IssueAdmin("sato", Role::kAdmin, clock_.Now(), 30).value();
  const auto stub =
      ServiceSite::Inventory({.key_pem = admin.private_key_pem, .certificate_pem = admin.certificate_pem});
  EXPECT_EQ(CheckIn(*stub, "software", {}).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

// There is no device id in any message: the certificate is the claim. One with another's id but not the serial that the
// ledger knows is refused, even from our own authority.
TEST_F(Inventory, CertificateThatClaimsAnothersIdIsRefused) {
  const EnrolledDevice victim = EnrolDevice("victim");
  const std::string key = NewPrivateKey().value();
  const auto forged =
      authority_->IssueDevice(NewCertificateRequest(key, "x").value(), victim.id, "x", clock_.Now(), 30);
  ASSERT_TRUE(forged);
  const auto stub = ServiceSite::Inventory({.key_pem = key, .certificate_pem = forged->certificate_pem});
  EXPECT_EQ(CheckIn(*stub, "software", {}).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  const auto unknown =
      authority_->IssueDevice(NewCertificateRequest(key, "x").value(), std::string(32, '0'), "x", clock_.Now(), 30);
  ASSERT_TRUE(unknown);
  const auto nobody = ServiceSite::Inventory({.key_pem = key, .certificate_pem = unknown->certificate_pem});
  EXPECT_EQ(CheckIn(*nobody, "software", {}).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Column("SELECT count(*) FROM journal WHERE action = 'device.check_in.refused'"),
            std::vector<std::string>{"2"});
}

TEST_F(Inventory, WhatADeviceReportsIsItsOwn) {
  const EnrolledDevice one = EnrolDevice("one");
  const EnrolledDevice two = EnrolDevice("two");
  EXPECT_EQ(ReportFull(*ServiceSite::Inventory(one.shown), "software", {SoftwareRow("bash", "5.2-2")}), v1::APPLIED);
  EXPECT_EQ(ReportFull(*ServiceSite::Inventory(two.shown), "software", {SoftwareRow("zsh", "5.9-4")}), v1::APPLIED);
  EXPECT_EQ(Column("SELECT name FROM installation WHERE device_id = '" + one.id + "'"),
            std::vector<std::string>{"bash"});
  EXPECT_EQ(Column("SELECT name FROM installation WHERE device_id = '" + two.id + "'"),
            std::vector<std::string>{"zsh"});
}

TEST_F(Inventory, RevokedDeviceIsRefusedAtEachCallOnAHeldConnection) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto stub = ServiceSite::Inventory(device.shown);
  ASSERT_TRUE(CheckIn(*stub, "software", {}).ok());
  Revoke(device.id);
  const grpc::Status check_in = CheckIn(*stub, "software", {});
  EXPECT_EQ(check_in.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_NE(check_in.error_message().find("revoked"), std::string::npos);
  EXPECT_EQ(EmptyReport(*stub).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  v1::RenewResponse renewed;
  EXPECT_EQ(Renew(*stub, NewPrivateKey().value(), &renewed).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(renewed.certificate_pem(), "");
}

TEST_F(Inventory, RenewedCertificateWorksAndThenEndsTheOldOne) {
  const EnrolledDevice device = EnrolDevice("pc");
  const auto old_stub = ServiceSite::Inventory(device.shown);
  const std::string key = NewPrivateKey().value();
  v1::RenewResponse renewed;
  ASSERT_TRUE(Renew(*old_stub, key, &renewed).ok());
  EXPECT_EQ(ReadCertificate(renewed.certificate_pem())->identity_uri, DeviceUri(device.id));
  EXPECT_TRUE(CheckIn(*old_stub, "software", {}).ok()) << "the answer may have been lost";
  EXPECT_TRUE(
      CheckIn(*ServiceSite::Inventory({.key_pem = key, .certificate_pem = renewed.certificate_pem()}), "software", {})
          .ok());
  EXPECT_EQ(CheckIn(*old_stub, "software", {}).error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(Inventory, WrongBaseAndWrongDigestAreAnsweredWithNeedFullAndChangeNothing) {
  const auto stub = ServiceSite::Inventory(EnrolDevice("pc").shown);
  const Rows held = {SoftwareRow("bash", "5.2-2")};
  ASSERT_EQ(ReportFull(*stub, "software", held), v1::APPLIED);
  Rows next = {SoftwareRow("bash", "5.2-3")};
  for (const bool wrong_base : {true, false}) {
    grpc::ClientContext context;
    v1::ReportRequest request;
    request.set_protocol(kProtocolVersion);
    v1::SectionDelta& delta = *request.add_sections();
    MakeDelta(held, next, delta);
    delta.set_name("software");
    delta.set_status(v1::OK);
    (wrong_base ? delta.mutable_base_digest() : delta.mutable_result_digest())->assign(kDigestBytes, 'x');
    v1::ReportResponse response;
    ASSERT_TRUE(stub->Report(&context, request, &response).ok());
    ASSERT_EQ(response.results_size(), 1);
    EXPECT_EQ(response.results(0).outcome(), v1::NEED_FULL);
  }
  EXPECT_EQ(Column("SELECT version FROM installation"), std::vector<std::string>{"5.2-2"});
}

TEST_F(Inventory, ABadSectionIsRejectedWithItsPlaceAndTheOthersAreApplied) {
  const auto stub = ServiceSite::Inventory(EnrolDevice("pc").shown);
  grpc::ClientContext context;
  v1::ReportRequest request;
  request.set_protocol(kProtocolVersion);
  v1::SectionDelta& junk = *request.add_sections();
  MakeFull({std::string(kMaxRowBytes + 1, 'x')}, junk);
  junk.set_name("groups");
  junk.set_status(v1::OK);
  v1::SectionDelta& broken = *request.add_sections();
  MakeFull({"\xff\xff\xff"}, broken);
  broken.set_name("accounts");
  broken.set_status(v1::OK);
  v1::SectionDelta& good = *request.add_sections();
  MakeFull({SoftwareRow("bash", "5.2-2")}, good);
  good.set_name("software");
  good.set_status(v1::OK);
  v1::SectionDelta& future = *request.add_sections();
  MakeFull({}, future);
  future.set_name("services-of-2030");
  future.set_status(v1::OK);
  v1::ReportResponse response;
  const grpc::Status status = stub->Report(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), 4);
  EXPECT_EQ(response.results(0).name(), "groups");
  EXPECT_EQ(response.results(0).outcome(), v1::REJECTED);
  EXPECT_EQ(response.results(1).name(), "accounts");
  EXPECT_EQ(response.results(1).outcome(), v1::REJECTED);
  EXPECT_NE(response.results(1).message(), "");
  EXPECT_EQ(response.results(2).outcome(), v1::APPLIED);
  EXPECT_EQ(response.results(3).outcome(), v1::NOT_WANTED);
  EXPECT_EQ(Column("SELECT name FROM installation"), std::vector<std::string>{"bash"});
}

TEST_F(Inventory, TenMegabytesOfJunkAreAnErrorAndTheNextCallWorks) {
  const auto stub = ServiceSite::Inventory(EnrolDevice("pc").shown);
  grpc::ClientContext context;
  v1::ReportRequest request;
  request.set_protocol(kProtocolVersion);
  request.add_sections()->add_added(std::string(10u << 20, '\xa5'));
  v1::ReportResponse response;
  EXPECT_EQ(stub->Report(&context, request, &response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(CheckIn(*stub, "software", {}).ok());
}

TEST_F(Inventory, MalformedCheckInNamesTheSection) {
  const auto stub = ServiceSite::Inventory(EnrolDevice("pc").shown);
  grpc::ClientContext context;
  v1::CheckInRequest request;
  request.set_protocol(kProtocolVersion);
  for (int i = 0; i < 2; ++i) request.add_sections()->set_name("software");
  v1::CheckInResponse response;
  const grpc::Status status = stub->CheckIn(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("sections[1] \"software\""), std::string::npos) << status.error_message();
}

// A bug found: each of these refused the check-in, and the device came back with the same for ever.
TEST_F(Inventory, TelemetryOverItsLimitsAndAStatusNobodyKnowsDidNotSilenceTheDevice) {
  const auto stub = ServiceSite::Inventory(EnrolDevice("pc").shown);
  grpc::ClientContext context;
  v1::CheckInRequest request;
  request.set_protocol(kProtocolVersion);
  for (int i = 0; i < 20; ++i) request.mutable_last_cycle()->add_overruns(std::string(5000, 'o'));
  v1::SectionState& unknown = *request.add_sections();
  unknown.set_name("software");
  unknown.set_status(static_cast<v1::SectionStatus>(9));
  v1::SectionState& long_path = *request.add_sections();
  long_path.set_name("accounts");
  long_path.set_status(v1::FAILED);
  long_path.set_reason(std::string(5000, 'p'));
  v1::SectionState& good = *request.add_sections();
  good.set_name("groups");
  good.set_status(v1::OK);
  good.set_digest(std::string(kDigestBytes, 'd'));
  v1::CheckInResponse response;
  const grpc::Status status = stub->CheckIn(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.wanted_size(), 1);
  EXPECT_EQ(response.wanted(0).name(), "groups");
}

TEST_F(Inventory, AgentOneVersionNewerIsServedAndTwoIsNot) {
  const auto stub = ServiceSite::Inventory(EnrolDevice("pc").shown);
  for (const auto& [version, code] : {std::pair(kProtocolVersion + 1, grpc::StatusCode::OK),
                                      std::pair(kProtocolVersion + 2, grpc::StatusCode::INVALID_ARGUMENT)}) {
    grpc::ClientContext context;
    v1::CheckInRequest request;
    request.set_protocol(version);
    v1::CheckInResponse response;
    EXPECT_EQ(stub->CheckIn(&context, request, &response).error_code(), code) << version;
  }
}

class BusyInventory : public ServiceSite {
 protected:
  BusyInventory() : ServiceSite({.device_limits = {.calls_per_minute = 0}}) {}
};

TEST_F(BusyInventory, TellsWhenToComeBack) {
  const auto stub = Inventory(EnrolDevice("pc").shown);
  grpc::ClientContext context;
  v1::ReportRequest request;
  request.set_protocol(kProtocolVersion);
  v1::ReportResponse response;
  EXPECT_EQ(stub->Report(&context, request, &response).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const auto trailer = context.GetServerTrailingMetadata().find("retry-after-seconds");
  ASSERT_NE(trailer, context.GetServerTrailingMetadata().end());
  EXPECT_GE(std::stoi(std::string(trailer->second.data(), trailer->second.size())), 20);
}

}  // namespace
}  // namespace daicho::collector
