#include "common/tls.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "common/x509.h"

namespace daicho {
namespace {

constexpr UnixTime kDay = 86'400;

struct Free {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(BIO* x) const { BIO_free(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(SSL* x) const { SSL_free(x); }
  void operator()(SSL_CTX* x) const { SSL_CTX_free(x); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

int tickets = 0;

int CountTicket(SSL*, SSL_SESSION*) {
  ++tickets;
  return 0;
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() : authority_(*NewAuthority("Daicho CA", now_ - kDay, now_ + kDay)) {}

  // As gRPC sets it up: a certificate of its own, the authority as the root, the other side's certificate demanded.
  Owned<SSL_CTX> NewContext(bool server) const {
    const auto key = NewPrivateKey();
    const auto certificate = SignKey(authority_, *key,
                                     {.common_name = server ? "collector" : "pc-1",
                                      .identity_uri = {},
                                      .dns_names = {},
                                      .ip_addresses = {},
                                      .server = server,
                                      .not_before = now_ - kDay,
                                      .not_after = now_ + kDay});
    Owned<SSL_CTX> context(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
    SSL_CTX_use_certificate(context.get(), Parse<X509>(*certificate, PEM_read_bio_X509).get());
    SSL_CTX_use_PrivateKey(context.get(), Parse<EVP_PKEY>(*key, PEM_read_bio_PrivateKey).get());
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()),
                        Parse<X509>(authority_.certificate_pem, PEM_read_bio_X509).get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT);
    SSL_CTX_sess_set_new_cb(context.get(), CountTicket);
    return context;
  }

  // What a handshake between the two brings beside their own certificates.
  void Shake() {
    tickets = 0;
    const Owned<SSL> server(SSL_new(server_.get()));
    const Owned<SSL> client(SSL_new(client_.get()));
    BIO* one = nullptr;
    BIO* other = nullptr;
    ASSERT_EQ(BIO_new_bio_pair(&one, 0, &other, 0), 1);
    SSL_set_bio(server.get(), one, one);
    SSL_set_bio(client.get(), other, other);
    SSL_set_accept_state(server.get());
    SSL_set_connect_state(client.get());
    for (int step = 0; step < 10; ++step) {
      SSL_do_handshake(client.get());
      SSL_do_handshake(server.get());
    }
    ASSERT_EQ(SSL_is_init_finished(server.get()), 1);
    char byte = 0;
    ASSERT_EQ(SSL_write(server.get(), "x", 1), 1);
    ASSERT_EQ(SSL_read(client.get(), &byte, 1), 1) << "the tickets are before it";
    ASSERT_EQ(SSL_get_verify_result(server.get()), X509_V_OK);
    ASSERT_EQ(SSL_get_verify_result(client.get()), X509_V_OK);
    of_client_ = sk_X509_num(SSL_get_peer_cert_chain(server.get()));  // without its own
    of_server_ = sk_X509_num(SSL_get_peer_cert_chain(client.get())) - 1;
  }

  template <typename T, typename Read>
  static Owned<T> Parse(const std::string& pem, Read read) {
    const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return Owned<T>(read(bio.get(), nullptr, nullptr, nullptr));
  }

  const UnixTime now_ = SystemClock().Now();
  const CertificateAuthority authority_;
  const Owned<SSL_CTX> server_ = NewContext(true);
  const Owned<SSL_CTX> client_ = NewContext(false);
  int of_client_ = -1;
  int of_server_ = -1;
};

// The second half would pass by itself if OpenSSL changed its mind, so the first one looks whether it has.
TEST_F(TlsTest, NeitherAuthorityNorTicketsAreSentOncePrepared) {
  Shake();
  EXPECT_EQ(of_client_, 1);
  EXPECT_EQ(of_server_, 1);
  EXPECT_EQ(tickets, 2);
  PrepareTls();
  PrepareTls();
  Shake();
  EXPECT_LE(of_client_, 0);
  EXPECT_EQ(of_server_, 0);
  EXPECT_EQ(tickets, 0);
}

}  // namespace
}  // namespace daicho
