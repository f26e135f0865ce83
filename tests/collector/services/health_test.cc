// gRPC's health service on both ports.
#include <gtest/gtest.h>

#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/collector/services/service_site.h"

namespace daicho::collector {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

class Health : public ServiceSite {
 protected:
  std::unique_ptr<grpc::health::v1::Health::Stub> Stub(const std::string& endpoint, const Shown& shown = {}) {
    return grpc::health::v1::Health::NewStub(Channel(endpoint, shown));
  }
  static grpc::Status Check(grpc::health::v1::Health::Stub& stub, HealthCheckResponse& response,
                            const std::string& service = {}) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    HealthCheckRequest request;
    request.set_service(service);
    return stub.Check(&context, request, &response);
  }
  Shown AdminCertificate() {
    const Credential credential = authority_->IssueAdmin("monitor", Role::kViewer, clock_.Now(), 30).value();
    return {.key_pem = credential.private_key_pem, .certificate_pem = credential.certificate_pem};
  }
  void CommitFails() { health_.Note(Fail(Code::kResourceExhausted, "disk full"), clock_.Now()); }
};

TEST_F(Health, AgentPortAnswersAnyoneWhoTrustsTheCollector) {
  const auto stub = Stub(agents_->endpoint());
  HealthCheckResponse response;
  const grpc::Status status = Check(*stub, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
}

TEST_F(Health, AdminPortWantsACertificate) {
  HealthCheckResponse response;
  const auto without = Stub(admins_->endpoint());
  EXPECT_FALSE(Check(*without, response).ok());
  const auto with = Stub(admins_->endpoint(), AdminCertificate());
  const grpc::Status status = Check(*with, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
}

TEST_F(Health, StoreThatTakesNoWritesIsNotServingOnBothPortsUntilOneSucceeds) {
  const auto agents = Stub(agents_->endpoint());
  const auto admins = Stub(admins_->endpoint(), AdminCertificate());
  CommitFails();
  for (auto* stub : {agents.get(), admins.get()}) {
    HealthCheckResponse response;
    ASSERT_TRUE(Check(*stub, response).ok());
    EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  }
  ASSERT_TRUE(journal_->Write("collector", "store.recovered", ""));
  for (auto* stub : {agents.get(), admins.get()}) {
    HealthCheckResponse response;
    ASSERT_TRUE(Check(*stub, response).ok());
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  }
}

TEST_F(Health, WatchTellsEachChange) {
  const auto stub = Stub(agents_->endpoint());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const auto reader = stub->Watch(&context, HealthCheckRequest());
  HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  CommitFails();
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  ASSERT_TRUE(journal_->Write("collector", "store.recovered", ""));
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  context.TryCancel();
  EXPECT_FALSE(reader->Finish().ok());
}

TEST_F(Health, ListenerThatStartsLaterKnows) {
  CommitFails();
  const Credential server = authority_->IssueServer({}, clock_.Now()).value();
  const auto late =
      Listener::Start({.address = "127.0.0.1:0", .health = &health_}, *authority_, server, {enrolment_.get()}).value();
  HealthCheckResponse response;
  const auto stub = Stub(late->endpoint());
  ASSERT_TRUE(Check(*stub, response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(Health, UnknownServiceIsNotFoundAndTheJournalIsLeftAlone) {
  const std::vector<std::string> before = Column("SELECT count(*) FROM journal");
  const auto stub = Stub(agents_->endpoint());
  HealthCheckResponse response;
  EXPECT_EQ(Check(*stub, response, "made.up").error_code(), grpc::StatusCode::NOT_FOUND);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Check(*stub, response).ok());
  EXPECT_EQ(Column("SELECT count(*) FROM journal"), before);
}

}  // namespace
}  // namespace daicho::collector
