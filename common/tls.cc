#include "common/tls.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <cstdlib>

namespace daicho {

namespace {

constexpr const char* kCipherVariable = "GRPC_SSL_CIPHER_SUITES";
constexpr const char* kNoSuiteOfOurs = "ECDHE-RSA-AES256-GCM-SHA384";

// gRPC has its SSL_CTX to itself. OpenSSL calls this at the end of SSL_new (CRYPTO_get_ex_new_index(3)).
void Slim(void* made, void*, CRYPTO_EX_DATA*, int, long, void*) {
  SSL* const connection = static_cast<SSL*>(made);
  SSL_set_mode(connection, SSL_MODE_NO_AUTO_CHAIN);
  SSL_set_num_tickets(connection, 0);
}

}  // namespace

void PrepareTls() {
  static const bool once = [] {
    ::setenv(kCipherVariable, kNoSuiteOfOurs, 1);
    return SSL_get_ex_new_index(0, nullptr, Slim, nullptr, nullptr) >= 0;
  }();
  static_cast<void>(once);  // without an index the handshakes are merely as they would be
}

}  // namespace daicho
