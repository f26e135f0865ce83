// Whatever stands where a certificate, a request or a key is expected: an error or a right answer, and OpenSSL's error
// queue is left empty for gRPC.
#include <openssl/err.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/x509.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const daicho::CertificateAuthority authority = *daicho::NewAuthority("fuzz", 0, 4'000'000'000);
  const auto info = daicho::ReadCertificate(text);
  const auto fingerprint = daicho::CertificateFingerprint(text);
  if (info.has_value() != fingerprint.has_value()) std::abort();
  if (info && !info->identity_uri.empty() && !info->identity_uri.starts_with("daicho://")) std::abort();
  const auto certificate = daicho::SignRequest(authority, text,
                                               {.common_name = "fuzz",
                                                .identity_uri = "daicho://device/x",
                                                .dns_names = {},
                                                .ip_addresses = {},
                                                .not_before = 0,
                                                .not_after = 1});
  // Nothing of the request but its key gets into the certificate.
  if (certificate && daicho::ReadCertificate(*certificate)->identity_uri != "daicho://device/x") std::abort();
  (void)daicho::NewCertificateRequest(text, "fuzz");
  if (ERR_peek_error() != 0) std::abort();
  return 0;
}
