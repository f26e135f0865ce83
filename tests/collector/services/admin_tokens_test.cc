// Enrolment tokens, as the admin service makes them.
#include <set>

#include "tests/collector/services/service_site.h"

namespace daicho::collector {
namespace {

class AdminTokens : public ServiceSite {};

TEST_F(AdminTokens, TokenForARevokedDeviceIsRefusedAtOnce) {
  const EnrolledDevice device = EnrolDevice("pc");
  Revoke(device.id);
  grpc::ClientContext context;
  v1::CreateTokenRequest request;
  request.set_device_id("pc");
  v1::CreateTokenResponse response;
  const grpc::Status status = Admin(Role::kOperator)->CreateToken(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_NE(status.error_message().find("device " + device.id + " is revoked; enrol it as a new device"),
            std::string::npos)
      << status.error_message();
  EXPECT_EQ(response.token(), "");
}

TEST_F(AdminTokens, TokensHaveALifeThatIsBounded) {
  grpc::ClientContext context;
  v1::CreateTokenRequest request;
  v1::CreateTokenResponse response;
  ASSERT_TRUE(Admin(Role::kOperator)->CreateToken(&context, request, &response).ok());
  EXPECT_EQ(response.expires_at().seconds(), clock_.Now() + 24 * 3600);
  EXPECT_EQ(response.token().size(), 64u);
  grpc::ClientContext second;
  request.set_valid_seconds(30 * 24 * 3600 + 1);
  const grpc::Status status = Admin(Role::kOperator)->CreateToken(&second, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("30 days"), std::string::npos);
}

TEST_F(AdminTokens, ManyTokensAreOneJournalEntryAndEachEnrolsOnce) {
  const auto stub = Admin(Role::kOperator);
  v1::CreateTokensRequest request;
  request.set_count(300);
  grpc::ClientContext context;
  const auto reader = stub->CreateTokens(&context, request);
  std::set<std::string> tokens;
  for (v1::CreateTokenResponse one; reader->Read(&one);) {
    EXPECT_EQ(one.expires_at().seconds(), clock_.Now() + 24 * 3600);
    tokens.insert(one.token());
  }
  ASSERT_TRUE(reader->Finish().ok());
  EXPECT_EQ(tokens.size(), 300u);
  EXPECT_TRUE(TryEnrol(*tokens.begin()).ok());
  EXPECT_FALSE(TryEnrol(*tokens.begin()).ok());
  EXPECT_TRUE(TryEnrol(*tokens.rbegin()).ok());
  EXPECT_EQ(Column("SELECT count(*) FROM journal WHERE action = 'token.create' AND detail LIKE 'count=300 %'"),
            std::vector<std::string>{"1"});
  EXPECT_EQ(Column("SELECT count(*) FROM token"), std::vector<std::string>{"300"});
  request.set_count(10'001);
  grpc::ClientContext second;
  EXPECT_EQ(stub->CreateTokens(&second, request)->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace daicho::collector
