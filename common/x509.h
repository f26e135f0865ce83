// Keys and certificates: P-256 (FIPS 186-5), PKCS#10 (RFC 2986), X.509 v3 (RFC 5280), all as PEM (RFC 7468).
// Identity is a URI subject alternative name:
//   daicho://device/ID                 a device; ID is 32 lower-case hex digits
//   daicho://admin/NAME?role=ROLE      a person; ROLE is viewer, operator or admin
// A collector's server certificate carries the DNS name kCollectorServerName and no identity URI.
// Thread-safe: functions on strings, no state. Errors: kInvalidArgument for PEM that does not parse (the message says
// what was expected), kInternal for OpenSSL's own failures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/error.h"

namespace daicho {

// A new P-256 private key, PKCS#8 PEM.
Result<std::string> NewPrivateKey();

// A certificate signing request for the key, with common name `name` (for people; the CA takes only the public key).
Result<std::string> NewCertificateRequest(std::string_view private_key_pem, std::string_view name);

struct CertificateSpec {
  std::string common_name;
  std::string identity_uri;            // empty: none
  std::vector<std::string> dns_names;  // server certificates
  std::vector<std::string> ip_addresses;
  bool server = false;  // extended key usage serverAuth, otherwise clientAuth
  UnixTime not_before = 0;
  UnixTime not_after = 0;
};

struct CertificateAuthority {
  std::string certificate_pem;
  std::string private_key_pem;
};

// Self-signed, CA:TRUE, pathlen 0, keyCertSign.
Result<CertificateAuthority> NewAuthority(std::string_view common_name, UnixTime not_before, UnixTime not_after);

// Signs the public key of a request (after checking the request's own signature), or of a private key.
Result<std::string> SignRequest(const CertificateAuthority& authority, std::string_view request_pem,
                                const CertificateSpec& spec);
Result<std::string> SignKey(const CertificateAuthority& authority, std::string_view private_key_pem,
                            const CertificateSpec& spec);

struct CertificateInfo {
  std::string common_name;
  std::string identity_uri;  // first daicho:// URI SAN; empty: none
  std::string serial_hex;
  std::vector<std::string> dns_names;
  UnixTime not_before = 0;
  UnixTime not_after = 0;
};
Result<CertificateInfo> ReadCertificate(std::string_view certificate_pem);

// kInvalidArgument: either does not parse, or the key is not the certificate's.
Status CheckKeyFits(std::string_view private_key_pem, std::string_view certificate_pem);

// Lower-case hex SHA-256 of the DER form, for people to compare.
Result<std::string> CertificateFingerprint(std::string_view certificate_pem);

// `bytes` random bytes from the operating system, as lower-case hex. Used for device ids, tokens and serials.
std::string RandomHex(std::size_t bytes);

}  // namespace daicho
