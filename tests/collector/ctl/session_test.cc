// TLS between `daicho` and the collector: who is let in, and what the admin reads otherwise.
#include "collector/ctl/session.h"

#include <gtest/gtest.h>

#include "common/exit_code.h"
#include "common/files.h"
#include "common/protocol.h"
#include "common/x509.h"
#include "tests/collector/ctl/fake_admin.h"
#include "tests/temporary_folder.h"

namespace daicho::collector {
namespace {

constexpr UnixTime kFrom = 1'700'000'000;
constexpr UnixTime kTo = 4'000'000'000;

class Tls : public ::testing::Test {
 protected:
  struct Party {
    std::string key;
    std::string certificate;
  };

  static Party MakeParty(const CertificateAuthority& authority, bool server) {
    CertificateSpec spec{.common_name = "party",
                         .identity_uri = server ? "" : "daicho://admin/sato?role=admin",
                         .dns_names = {},
                         .ip_addresses = {},
                         .server = server,
                         .not_before = kFrom,
                         .not_after = kTo};
    if (server) spec.dns_names = {kCollectorServerName};
    Party party;
    party.key = *NewPrivateKey();
    party.certificate = *SignKey(authority, party.key, spec);
    return party;
  }

  static std::shared_ptr<grpc::ServerCredentials> ServerOf(const CertificateAuthority& authority) {
    const Party server = MakeParty(authority, true);
    grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    options.pem_root_certs = authority.certificate_pem;
    options.pem_key_cert_pairs = {{server.key, server.certificate}};
    return grpc::SslServerCredentials(options);
  }

  // Writes the credentials and asks for the devices.
  Status Ask(const std::string& endpoint, const CertificateAuthority& trusted, const Party& admin) const {
    const std::string folder = folder_.path() + "/";
    const Profile profile{.path = "profile.toml",
                          .endpoint = endpoint,
                          .ca = folder + "ca.pem",
                          .certificate = folder + "admin.pem",
                          .key = folder + "admin.key",
                          .role = "admin"};
    EXPECT_TRUE(WriteFileAtomically(profile.ca, trusted.certificate_pem));
    EXPECT_TRUE(WriteFileAtomically(profile.certificate, admin.certificate));
    EXPECT_TRUE(WriteFileAtomically(profile.key, admin.key, 0600));
    auto session = Session::Connect(profile, Language::kEnglish);
    if (!session) return std::unexpected(session.error());
    return (*session)->ListDevices([](const v1::Device&) {});
  }

  const TemporaryFolder folder_;
  const CertificateAuthority ours_ = *NewAuthority("ours", kFrom, kTo);
  const CertificateAuthority other_ = *NewAuthority("other", kFrom, kTo);
};

TEST_F(Tls, AnAdminOfThisCollectorGetsAnAnswer) {
  FakeAdmin collector(ServerOf(ours_));
  const Status status = Ask(collector.Endpoint(), ours_, MakeParty(ours_, false));
  EXPECT_TRUE(status) << status.error().message;
}

TEST_F(Tls, ACollectorOfAnotherAuthorityIsRefused) {
  FakeAdmin collector(ServerOf(other_));
  const Status status = Ask(collector.Endpoint(), ours_, MakeParty(ours_, false));
  ASSERT_FALSE(status);
  EXPECT_EQ(ExitCodeFor(status.error().code), ExitCode::kRefused) << status.error().message;
  EXPECT_NE(status.error().message.find(collector.Endpoint()), std::string::npos) << status.error().message;
}

TEST_F(Tls, ACertificateOfAnotherAuthorityGetsNoAnswer) {
  FakeAdmin collector(ServerOf(ours_));
  const Status status = Ask(collector.Endpoint(), ours_, MakeParty(other_, false));
  ASSERT_FALSE(status);
  EXPECT_EQ(ExitCodeFor(status.error().code), ExitCode::kRefused) << status.error().message;
  EXPECT_NE(status.error().message.find("certificate"), std::string::npos) << status.error().message;
}

TEST_F(Tls, ACredentialThatCannotBeReadIsNamedWithItsKeyInTheProfile) {
  const Profile profile{.path = "/p/profile.toml",
                        .endpoint = "127.0.0.1:1",
                        .ca = "/nonexistent/ca.pem",
                        .certificate = "c",
                        .key = "k",
                        .role = ""};
  const auto session = Session::Connect(profile, Language::kEnglish);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, Code::kInvalidArgument);
  EXPECT_NE(session.error().message.find("/nonexistent/ca.pem"), std::string::npos);
  EXPECT_NE(session.error().message.find("'ca' of profile /p/profile.toml"), std::string::npos);
}

}  // namespace
}  // namespace daicho::collector
