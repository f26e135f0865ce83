#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>

#include "collector/host_port.h"
#include "tests/collector/services/service_site.h"
#include "tests/silent_client.h"

namespace daicho::collector {
namespace {

class Tls : public ServiceSite {
 protected:
  // Whether a client that speaks exactly this version gets through the handshake, as `openssl s_client` would do it.
  static bool Handshake(const std::string& endpoint, int version) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(ParseHostPort(endpoint)->port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    SSL_CTX* const context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    SSL* const ssl = SSL_new(context);
    const unsigned char h2[] = {2, 'h', '2'};
    SSL_set_alpn_protos(ssl, h2, sizeof h2);
    SSL_set_fd(ssl, fd);
    const bool through = SSL_connect(ssl) == 1;
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
    ::close(fd);
    return through;
  }
};

TEST_F(Tls, OnlyVersion13IsSpoken) {
  for (const std::string& endpoint : {agents_->endpoint(), admins_->endpoint()}) {
    EXPECT_TRUE(Handshake(endpoint, TLS1_3_VERSION));
    EXPECT_FALSE(Handshake(endpoint, TLS1_2_VERSION));
    EXPECT_FALSE(Handshake(endpoint, TLS1_1_VERSION));
  }
}

TEST_F(Tls, PortInUseIsAnErrorAndNotAShareOfTheCalls) {
  const Credential server = authority_->IssueServer({}, clock_.Now()).value();
  const auto second = Listener::Start({.address = agents_->endpoint()}, *authority_, server, {enrolment_.get()});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUnavailable);
  EXPECT_NE(second.error().message.find(agents_->endpoint()), std::string::npos) << second.error().message;
}

TEST_F(Tls, KeyThatIsNoneIsAnError) {
  const auto listener = Listener::Start({.address = "127.0.0.1:0"}, *authority_,
                                        {.private_key_pem = "x", .certificate_pem = "y"}, {enrolment_.get()});
  ASSERT_FALSE(listener);
  EXPECT_EQ(listener.error().code, Code::kInternal);
}

// It answers pings and its call goes on, so neither the keepalive nor the limit of idle connections ends it.
TEST_F(Tls, CallThatComesByteByByteIsCutOffWhereConnectionsHaveAnAge) {
  const Credential server = authority_->IssueServer({}, clock_.Now()).value();
  const std::unique_ptr<SSL_CTX, CloseTls> context(SSL_CTX_new(TLS_client_method()));
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to what may be closed
  const auto is_cut_off = [&](std::optional<ConnectionAge> age, int bytes) {
    const auto listener =
        Listener::Start({.address = "127.0.0.1:0", .age = age}, *authority_, server, {enrolment_.get()}).value();
    const std::string& endpoint = listener->endpoint();
    SilentClient client(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
    EXPECT_TRUE(client.OpenTls(*context) && client.BeginHttp2() && client.BeginCall("/daicho.v1.Enrolment/Enrol"));
    EXPECT_TRUE(client.SendData({"\0\0\1\0\0", 5})) << "64 KiB are announced";
    for (int i = 0; i < bytes; ++i) {
      if (!client.SendData("x") || client.IsClosed(20)) return true;
    }
    return false;
  };
  constexpr std::chrono::milliseconds kSoon(300);
  EXPECT_FALSE(is_cut_off(std::nullopt, 100));
  EXPECT_TRUE(is_cut_off(ConnectionAge{.last_call = kSoon, .to_finish = kSoon}, 1000));
}

TEST_F(Tls, ServerCertificateIsRenewedFromTheMiddleOfItsLife) {
  const Credential server = authority_->IssueServer({}, clock_.Now()).value();
  EXPECT_FALSE(ServerRenewalDue(server.certificate_pem, clock_.Now()));
  EXPECT_TRUE(ServerRenewalDue(server.certificate_pem, clock_.Now() + 366 * kSecondsPerDay));
  EXPECT_TRUE(ServerRenewalDue("junk", clock_.Now()));
}

}  // namespace
}  // namespace daicho::collector
