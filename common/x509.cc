#include "common/x509.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "common/delta.h"
#include "common/text.h"

namespace daicho {

namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
template <typename T, auto Free>
using Owned = std::unique_ptr<T, Freer<Free>>;

using Bio = Owned<BIO, BIO_free_all>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;
using Request = Owned<X509_REQ, X509_REQ_free>;
using Certificate = Owned<X509, X509_free>;
using Name = Owned<X509_NAME, X509_NAME_free>;
using BigNumber = Owned<BIGNUM, BN_free>;
using Integer = Owned<ASN1_INTEGER, ASN1_INTEGER_free>;
using BitString = Owned<ASN1_BIT_STRING, ASN1_BIT_STRING_free>;
using OctetString = Owned<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free>;
using GeneralNames = Owned<GENERAL_NAMES, GENERAL_NAMES_free>;
using KeyPurposes = Owned<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free>;
using Constraints = Owned<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free>;
using AuthorityKeyId = Owned<AUTHORITY_KEYID, AUTHORITY_KEYID_free>;

constexpr std::size_t kMaxPemBytes = 64u << 10;
constexpr std::size_t kMaxCommonName = 64;  // ub-common-name, RFC 5280 appendix A
constexpr int kSerialBits = 128;
constexpr std::string_view kIdentityScheme = "daicho://";

// OpenSSL's error queue belongs to the thread, and gRPC's TLS on the same thread would read what we left in it.
class CleanErrorQueue {
 public:
  CleanErrorQueue() { ERR_clear_error(); }
  CleanErrorQueue(const CleanErrorQueue&) = delete;
  CleanErrorQueue& operator=(const CleanErrorQueue&) = delete;
  ~CleanErrorQueue() { ERR_clear_error(); }
};

std::unexpected<Error> FailOpenSsl(const char* what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_peek_last_error(), reason.data(), reason.size());
  return Fail(Code::kInternal, std::string("OpenSSL cannot ") + what + ": " + reason.data());
}

// Without a callback OpenSSL would ask for the passphrase of an encrypted key on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Bio ReadOnlyBio(std::string_view pem) {
  if (pem.empty() || pem.size() > kMaxPemBytes) return nullptr;
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

std::string TakeText(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Result<Key> ReadKey(std::string_view pem) {
  const Bio bio = ReadOnlyBio(pem);
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr) : nullptr);
  if (!key) {
    return Fail(Code::kInvalidArgument,
                "not a private key: expected a PEM block \"BEGIN PRIVATE KEY\" without passphrase");
  }
  return key;
}

Result<Certificate> ReadX509(std::string_view pem) {
  const Bio bio = ReadOnlyBio(pem);
  Certificate certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr) : nullptr);
  if (!certificate) {
    return Fail(Code::kInvalidArgument, "not a certificate: expected a PEM block \"BEGIN CERTIFICATE\"");
  }
  return certificate;
}

Result<std::string> WriteCertificate(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return FailOpenSsl("write a certificate");
  return TakeText(bio.get());
}

bool IsP256(EVP_PKEY* key) {
  std::array<char, 64> group{};
  std::size_t size = 0;
  if (EVP_PKEY_is_a(key, "EC") != 1) return false;
  if (EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) != 1) return false;
  const std::string_view name(group.data(), size);
  return name == "prime256v1" || name == "P-256";
}

// A name longer than the field allows is cut, on a character: a host name may have 253 bytes.
std::string FitCommonName(std::string_view text) {
  const std::string clean = CleanText(text);
  std::string_view rest = clean;
  std::string fitting;
  for (std::size_t count = 0; count < kMaxCommonName && !rest.empty(); ++count) {
    const std::size_t size = std::max<std::size_t>(NextUtf8(rest).size, 1);
    fitting.append(rest.substr(0, size));
    rest.remove_prefix(std::min(size, rest.size()));
  }
  return fitting;
}

Result<Name> MakeName(std::string_view common_name) {
  Name name(X509_NAME_new());
  if (!name) return FailOpenSsl("make a name");
  const std::string text = FitCommonName(common_name);
  if (text.empty()) return name;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (X509_NAME_add_entry_by_NID(name.get(), NID_commonName, MBSTRING_UTF8, bytes, static_cast<int>(text.size()), -1,
                                 0) != 1) {
    return FailOpenSsl("make a name");
  }
  return name;
}

bool AddExtension(X509* certificate, int nid, void* value, bool critical) {
  return value != nullptr && X509_add1_ext_i2d(certificate, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1;
}

// Names go in as structures: OpenSSL's configuration syntax would let a comma in a name become another name.
bool AddName(GENERAL_NAMES* names, int type, std::string_view value) {
  Owned<GENERAL_NAME, GENERAL_NAME_free> entry(GENERAL_NAME_new());
  Owned<ASN1_STRING, ASN1_STRING_free> text(
      ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING));
  if (!entry || !text || ASN1_STRING_set(text.get(), value.data(), static_cast<int>(value.size())) != 1) return false;
  GENERAL_NAME_set0_value(entry.get(), type, text.release());
  if (sk_GENERAL_NAME_push(names, entry.get()) <= 0) return false;
  (void)entry.release();
  return true;
}

// Network byte order, 4 or 16 bytes; empty if it is no address.
std::string AddressBytes(const std::string& address) {
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return {bytes.data(), 4};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return {bytes.data(), 16};
  return {};
}

Status AddAlternativeNames(X509* certificate, const CertificateSpec& spec) {
  const GeneralNames names(GENERAL_NAMES_new());
  bool added = names != nullptr;
  if (!spec.identity_uri.empty()) added = added && AddName(names.get(), GEN_URI, spec.identity_uri);
  for (const std::string& dns : spec.dns_names) added = added && AddName(names.get(), GEN_DNS, dns);
  for (const std::string& address : spec.ip_addresses) {
    const std::string bytes = AddressBytes(address);
    if (bytes.empty()) return Fail(Code::kInvalidArgument, "not an IP address: \"" + CleanText(address) + "\"");
    added = added && AddName(names.get(), GEN_IPADD, bytes);
  }
  if (!added) return FailOpenSsl("set alternative names");
  if (sk_GENERAL_NAME_num(names.get()) == 0) return {};
  if (!AddExtension(certificate, NID_subject_alt_name, names.get(), false)) return FailOpenSsl("set alternative names");
  return {};
}

bool AddKeyUsage(X509* certificate, std::initializer_list<int> bits) {
  const BitString usage(ASN1_BIT_STRING_new());
  for (const int bit : bits) {
    if (!usage || ASN1_BIT_STRING_set_bit(usage.get(), bit, 1) != 1) return false;
  }
  return AddExtension(certificate, NID_key_usage, usage.get(), true);
}

bool AddPurpose(X509* certificate, int purpose) {
  const KeyPurposes purposes(EXTENDED_KEY_USAGE_new());
  if (!purposes || sk_ASN1_OBJECT_push(purposes.get(), OBJ_nid2obj(purpose)) <= 0) return false;
  return AddExtension(certificate, NID_ext_key_usage, purposes.get(), false);
}

bool AddConstraints(X509* certificate, bool authority) {
  const Constraints constraints(BASIC_CONSTRAINTS_new());
  if (!constraints) return false;
  constraints->ca = authority ? 0xff : 0;
  if (authority) {
    constraints->pathlen = ASN1_INTEGER_new();
    if (constraints->pathlen == nullptr || ASN1_INTEGER_set(constraints->pathlen, 0) != 1) return false;
  }
  return AddExtension(certificate, NID_basic_constraints, constraints.get(), true);
}

OctetString KeyIdentifier(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  OctetString id(ASN1_OCTET_STRING_new());
  if (!id || X509_pubkey_digest(certificate, EVP_sha1(), digest.data(), &size) != 1) return nullptr;
  if (ASN1_OCTET_STRING_set(id.get(), digest.data(), static_cast<int>(size)) != 1) return nullptr;
  return id;
}

bool AddKeyIdentifiers(X509* certificate, const X509* issuer) {
  const OctetString own = KeyIdentifier(certificate);
  const AuthorityKeyId authority(AUTHORITY_KEYID_new());
  if (!own || !authority) return false;
  authority->keyid = KeyIdentifier(issuer).release();
  return authority->keyid != nullptr && AddExtension(certificate, NID_subject_key_identifier, own.get(), false) &&
         AddExtension(certificate, NID_authority_key_identifier, authority.get(), false);
}

bool SetSerial(X509* certificate) {
  const BigNumber number(BN_new());
  do {
    if (!number || BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) != 1) return false;
  } while (BN_is_zero(number.get()));
  const Integer serial(BN_to_ASN1_INTEGER(number.get(), nullptr));
  return serial && X509_set_serialNumber(certificate, serial.get()) == 1;
}

bool SetPeriod(X509* certificate, UnixTime not_before, UnixTime not_after) {
  return ASN1_TIME_set(X509_getm_notBefore(certificate), not_before) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), not_after) != nullptr;
}

// A certificate with everything that every certificate has, not signed yet.
Result<Certificate> StartCertificate(std::string_view common_name, const X509_NAME* issuer, EVP_PKEY* key,
                                     UnixTime not_before, UnixTime not_after) {
  auto name = MakeName(common_name);
  if (!name) return std::unexpected(name.error());
  Certificate certificate(X509_new());
  if (!certificate || X509_set_version(certificate.get(), X509_VERSION_3) != 1 || !SetSerial(certificate.get()) ||
      !SetPeriod(certificate.get(), not_before, not_after) ||
      X509_set_subject_name(certificate.get(), name->get()) != 1 ||
      X509_set_issuer_name(certificate.get(), issuer != nullptr ? issuer : name->get()) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return FailOpenSsl("make a certificate");
  }
  return certificate;
}

Result<std::string> Issue(const CertificateAuthority& authority, EVP_PKEY* key, const CertificateSpec& spec) {
  auto issuer = ReadX509(authority.certificate_pem);
  if (!issuer) return std::unexpected(issuer.error());
  auto issuer_key = ReadKey(authority.private_key_pem);
  if (!issuer_key) return std::unexpected(issuer_key.error());
  if (X509_check_private_key(issuer->get(), issuer_key->get()) != 1) {
    return Fail(Code::kInvalidArgument, "the authority's private key does not belong to its certificate");
  }
  if (!IsP256(key)) return Fail(Code::kInvalidArgument, "the public key to certify is not P-256 (FIPS 186-5)");
  auto certificate =
      StartCertificate(spec.common_name, X509_get_subject_name(issuer->get()), key, spec.not_before, spec.not_after);
  if (!certificate) return std::unexpected(certificate.error());
  X509* const subject = certificate->get();
  if (auto done = AddAlternativeNames(subject, spec); !done) return std::unexpected(done.error());
  constexpr int kDigitalSignature = 0;
  if (!AddConstraints(subject, false) || !AddKeyUsage(subject, {kDigitalSignature}) ||
      !AddPurpose(subject, spec.server ? NID_server_auth : NID_client_auth) ||
      !AddKeyIdentifiers(subject, issuer->get()) || X509_sign(subject, issuer_key->get(), EVP_sha256()) == 0) {
    return FailOpenSsl("sign a certificate");
  }
  return WriteCertificate(subject);
}

std::string SerialHex(const X509* certificate) {
  const BigNumber number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  if (!number) return {};
  std::string bytes(static_cast<std::size_t>(std::max(BN_num_bytes(number.get()), kSerialBits / 8)), '\0');
  BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  return Hex(bytes);
}

UnixTime ToUnixTime(const ASN1_TIME* time) {
  std::tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? timegm(&parts) : 0;
}

void ReadAlternativeNames(const X509* certificate, CertificateInfo& info) {
  const GeneralNames names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* value =
        static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type != GEN_URI && type != GEN_DNS) continue;
    std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     static_cast<std::size_t>(ASN1_STRING_length(value)));
    if (type == GEN_DNS) {
      info.dns_names.push_back(std::move(text));
    } else if (info.identity_uri.empty() && text.starts_with(kIdentityScheme)) {
      info.identity_uri = std::move(text);
    }
  }
}

std::string ReadCommonName(const X509* certificate) {
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  const int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (position < 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return name;
}

}  // namespace

Result<std::string> NewPrivateKey() {
  const CleanErrorQueue clean;
  const Key key(EVP_EC_gen("P-256"));
  const Bio bio(BIO_new(BIO_s_secmem()));
  if (!key || !bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return FailOpenSsl("make a private key");
  }
  return TakeText(bio.get());
}

Result<std::string> NewCertificateRequest(std::string_view private_key_pem, std::string_view name) {
  const CleanErrorQueue clean;
  auto key = ReadKey(private_key_pem);
  if (!key) return std::unexpected(key.error());
  auto subject = MakeName(name);
  if (!subject) return std::unexpected(subject.error());
  const Request request(X509_REQ_new());
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!request || !bio || X509_REQ_set_version(request.get(), X509_REQ_VERSION_1) != 1 ||
      X509_REQ_set_subject_name(request.get(), subject->get()) != 1 ||
      X509_REQ_set_pubkey(request.get(), key->get()) != 1 ||
      X509_REQ_sign(request.get(), key->get(), EVP_sha256()) == 0 ||
      PEM_write_bio_X509_REQ(bio.get(), request.get()) != 1) {
    return FailOpenSsl("make a certificate signing request");
  }
  return TakeText(bio.get());
}

Result<CertificateAuthority> NewAuthority(std::string_view common_name, UnixTime not_before, UnixTime not_after) {
  const CleanErrorQueue clean;
  auto key_pem = NewPrivateKey();
  if (!key_pem) return std::unexpected(key_pem.error());
  auto key = ReadKey(*key_pem);
  if (!key) return std::unexpected(key.error());
  auto certificate = StartCertificate(common_name, nullptr, key->get(), not_before, not_after);
  if (!certificate) return std::unexpected(certificate.error());
  X509* const subject = certificate->get();
  constexpr int kKeyCertSign = 5;
  if (!AddConstraints(subject, true) || !AddKeyUsage(subject, {kKeyCertSign}) || !AddKeyIdentifiers(subject, subject) ||
      X509_sign(subject, key->get(), EVP_sha256()) == 0) {
    return FailOpenSsl("sign the authority's certificate");
  }
  auto pem = WriteCertificate(subject);
  if (!pem) return std::unexpected(pem.error());
  return CertificateAuthority{.certificate_pem = std::move(*pem), .private_key_pem = std::move(*key_pem)};
}

Result<std::string> SignRequest(const CertificateAuthority& authority, std::string_view request_pem,
                                const CertificateSpec& spec) {
  const CleanErrorQueue clean;
  const Bio bio = ReadOnlyBio(request_pem);
  const Request request(bio ? PEM_read_bio_X509_REQ(bio.get(), nullptr, NoPassphrase, nullptr) : nullptr);
  if (!request) {
    return Fail(Code::kInvalidArgument,
                "not a certificate signing request: expected a PEM block \"BEGIN CERTIFICATE REQUEST\"");
  }
  EVP_PKEY* const key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) {
    return Fail(Code::kInvalidArgument,
                "the certificate signing request is not signed by its own key: make a new key and request");
  }
  return Issue(authority, key, spec);
}

Result<std::string> SignKey(const CertificateAuthority& authority, std::string_view private_key_pem,
                            const CertificateSpec& spec) {
  const CleanErrorQueue clean;
  auto key = ReadKey(private_key_pem);
  if (!key) return std::unexpected(key.error());
  return Issue(authority, key->get(), spec);
}

Result<CertificateInfo> ReadCertificate(std::string_view certificate_pem) {
  const CleanErrorQueue clean;
  auto certificate = ReadX509(certificate_pem);
  if (!certificate) return std::unexpected(certificate.error());
  const X509* const subject = certificate->get();
  CertificateInfo info;
  info.common_name = ReadCommonName(subject);
  info.serial_hex = SerialHex(subject);
  info.not_before = ToUnixTime(X509_get0_notBefore(subject));
  info.not_after = ToUnixTime(X509_get0_notAfter(subject));
  ReadAlternativeNames(subject, info);
  return info;
}

Status CheckKeyFits(std::string_view private_key_pem, std::string_view certificate_pem) {
  const auto key = ReadKey(private_key_pem);
  if (!key) return std::unexpected(key.error());
  const auto certificate = ReadX509(certificate_pem);
  if (!certificate) return std::unexpected(certificate.error());
  if (X509_check_private_key(certificate->get(), key->get()) == 1) return {};
  ERR_clear_error();
  return Fail(Code::kInvalidArgument, "private key and certificate do not belong together");
}

Result<std::string> CertificateFingerprint(std::string_view certificate_pem) {
  const CleanErrorQueue clean;
  auto certificate = ReadX509(certificate_pem);
  if (!certificate) return std::unexpected(certificate.error());
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (X509_digest(certificate->get(), EVP_sha256(), digest.data(), &size) != 1) {
    return FailOpenSsl("digest a certificate");
  }
  return Hex({reinterpret_cast<const char*>(digest.data()), size});
}

std::string RandomHex(std::size_t bytes) {
  std::string random(bytes, '\0');
  constexpr std::size_t kEntropyCall = 256;  // getentropy(3) gives no more at once
  for (std::size_t at = 0; at < bytes; at += kEntropyCall) {
    // A weak token would be worse than no program.
    if (getentropy(random.data() + at, std::min(kEntropyCall, bytes - at)) != 0) std::abort();
  }
  return Hex(random);
}

}  // namespace daicho
