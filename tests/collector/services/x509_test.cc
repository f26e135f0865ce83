#include "common/x509.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <set>
#include <string>

#include "common/protocol.h"

namespace daicho {
namespace {

constexpr UnixTime kNow = 1'790'000'000;
constexpr UnixTime kDay = 86'400;

struct Free {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(X509_STORE* x) const { X509_STORE_free(x); }
  void operator()(X509_STORE_CTX* x) const { X509_STORE_CTX_free(x); }
  void operator()(BIO* x) const { BIO_free(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(X509_REQ* x) const { X509_REQ_free(x); }
};
template <typename T>
using Owned = std::unique_ptr<T, Free>;

Owned<X509> Parse(const std::string& pem) {
  const Owned<BIO> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return Owned<X509>(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// OpenSSL's own chain check, as gRPC does it.
std::string Verify(const std::string& authority_pem, const std::string& certificate_pem, UnixTime at, int purpose) {
  const Owned<X509> authority = Parse(authority_pem);
  const Owned<X509> certificate = Parse(certificate_pem);
  const Owned<X509_STORE> store(X509_STORE_new());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE_add_cert(store.get(), authority.get());
  X509_STORE_CTX_init(context.get(), store.get(), certificate.get(), nullptr);
  X509_STORE_CTX_set_time(context.get(), 0, at);
  X509_STORE_CTX_set_purpose(context.get(), purpose);
  X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_X509_STRICT);
  if (X509_verify_cert(context.get()) == 1) return "ok";
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()));
}

class X509Test : public testing::Test {
 protected:
  X509Test() : authority_(*NewAuthority("Daicho CA", kNow - kDay, kNow + 3650 * kDay)), key_(*NewPrivateKey()) {}

  static CertificateSpec DeviceSpec() {
    return {.common_name = "lab-pc-1",
            .identity_uri = "daicho://device/00112233445566778899aabbccddeeff",
            .dns_names = {},
            .ip_addresses = {},
            .not_before = kNow - 300,
            .not_after = kNow + 365 * kDay};
  }

  CertificateAuthority authority_;
  std::string key_;
};

TEST_F(X509Test, DeviceCertificateVerifiesAgainstItsAuthorityAsClientOnly) {
  const auto request = NewCertificateRequest(key_, "lab-pc-1");
  ASSERT_TRUE(request) << request.error().message;
  const auto certificate = SignRequest(authority_, *request, DeviceSpec());
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(Verify(authority_.certificate_pem, *certificate, kNow, X509_PURPOSE_SSL_CLIENT), "ok");
  EXPECT_NE(Verify(authority_.certificate_pem, *certificate, kNow, X509_PURPOSE_SSL_SERVER), "ok");
}

TEST_F(X509Test, CertificateIsRefusedByAnotherAuthorityOfTheSameName) {
  const auto other = NewAuthority("Daicho CA", kNow - kDay, kNow + 3650 * kDay);
  const auto certificate = SignKey(authority_, key_, DeviceSpec());
  ASSERT_TRUE(other && certificate);
  EXPECT_NE(Verify(other->certificate_pem, *certificate, kNow, X509_PURPOSE_SSL_CLIENT), "ok");
}

TEST_F(X509Test, CertificateHoldsOnlyInItsPeriod) {
  const auto certificate = SignKey(authority_, key_, DeviceSpec());
  ASSERT_TRUE(certificate);
  EXPECT_EQ(Verify(authority_.certificate_pem, *certificate, kNow - 301, X509_PURPOSE_SSL_CLIENT),
            "certificate is not yet valid");
  EXPECT_EQ(Verify(authority_.certificate_pem, *certificate, kNow + 366 * kDay, X509_PURPOSE_SSL_CLIENT),
            "certificate has expired");
}

TEST_F(X509Test, ADeviceCertificateCannotSignOthers) {
  const auto device = SignKey(authority_, key_, DeviceSpec());
  const auto forged = SignKey({.certificate_pem = *device, .private_key_pem = key_}, *NewPrivateKey(), DeviceSpec());
  ASSERT_TRUE(forged);
  EXPECT_NE(Verify(*device, *forged, kNow, X509_PURPOSE_SSL_CLIENT), "ok");
}

TEST_F(X509Test, ReadCertificateGivesBackWhatWasAskedFor) {
  CertificateSpec spec = DeviceSpec();
  spec.server = true;
  spec.dns_names = {kCollectorServerName, "ledger.example.jp"};
  spec.ip_addresses = {"127.0.0.1", "2001:db8::5"};
  const auto certificate = SignKey(authority_, key_, spec);
  ASSERT_TRUE(certificate) << certificate.error().message;
  const auto info = ReadCertificate(*certificate);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->common_name, "lab-pc-1");
  EXPECT_EQ(info->identity_uri, spec.identity_uri);
  EXPECT_EQ(info->dns_names, spec.dns_names);
  EXPECT_EQ(info->not_before, spec.not_before);
  EXPECT_EQ(info->not_after, spec.not_after);
  EXPECT_EQ(info->serial_hex.size(), 32u);
  const Owned<X509> parsed = Parse(*certificate);
  EXPECT_EQ(X509_check_ip_asc(parsed.get(), "2001:db8::5", 0), 1);
  EXPECT_EQ(X509_check_host(parsed.get(), "ledger.example.jp", 0, 0, nullptr), 1);
}

TEST_F(X509Test, ACommaInANameStaysInTheName) {
  CertificateSpec spec = DeviceSpec();
  spec.identity_uri = "daicho://admin/a,URI:daicho://admin/b?role=viewer";
  spec.common_name = "a,CN=b";
  const auto certificate = SignKey(authority_, key_, spec);
  ASSERT_TRUE(certificate);
  EXPECT_EQ(ReadCertificate(*certificate)->identity_uri, spec.identity_uri);
  EXPECT_EQ(ReadCertificate(*certificate)->common_name, spec.common_name);
}

TEST_F(X509Test, LongAndJapaneseHostNamesFitTheCommonName) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "検";
  CertificateSpec spec = DeviceSpec();
  spec.common_name = name;
  const auto certificate = SignKey(authority_, key_, spec);
  ASSERT_TRUE(certificate) << certificate.error().message;
  EXPECT_EQ(ReadCertificate(*certificate)->common_name, name.substr(0, 64 * 3));
  EXPECT_TRUE(NewCertificateRequest(key_, std::string(253, 'h')));
  EXPECT_TRUE(NewCertificateRequest(key_, ""));
  EXPECT_TRUE(NewCertificateRequest(key_, "bad \xff bytes"));
}

TEST_F(X509Test, SerialsDiffer) {
  std::set<std::string> serials;
  for (int i = 0; i < 20; ++i) serials.insert(ReadCertificate(*SignKey(authority_, key_, DeviceSpec()))->serial_hex);
  EXPECT_EQ(serials.size(), 20u);
}

TEST_F(X509Test, BadPemIsNamedForWhatWasExpected) {
  const std::string certificate = *SignKey(authority_, key_, DeviceSpec());
  const std::string cut = certificate.substr(0, certificate.size() / 2);
  for (const std::string& bad : {std::string(), std::string("junk"), cut, key_, std::string(1 << 20, 'A'),
                                 std::string("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")}) {
    const auto info = ReadCertificate(bad);
    ASSERT_FALSE(info);
    EXPECT_EQ(info.error().code, Code::kInvalidArgument);
    EXPECT_NE(info.error().message.find("BEGIN CERTIFICATE"), std::string::npos) << info.error().message;
    EXPECT_FALSE(CertificateFingerprint(bad));
  }
  const auto request = SignRequest(authority_, certificate, DeviceSpec());
  ASSERT_FALSE(request);
  EXPECT_NE(request.error().message.find("BEGIN CERTIFICATE REQUEST"), std::string::npos);
  const auto key = SignKey(authority_, certificate, DeviceSpec());
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().message.find("BEGIN PRIVATE KEY"), std::string::npos);
  EXPECT_EQ(ERR_peek_error(), 0u) << "errors must not stay in the thread's queue, gRPC would read them";
}

TEST_F(X509Test, EncryptedKeyIsRefusedWithoutAskingForAPassphrase) {
  const Owned<BIO> in(BIO_new_mem_buf(key_.data(), static_cast<int>(key_.size())));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_256_cbc(), "secret", 6, nullptr, nullptr), 1);
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &data));
  EXPECT_FALSE(NewCertificateRequest({data, size}, "host"));
}

TEST_F(X509Test, RequestWithAForeignSignatureIsRefused) {
  const std::string pem = *NewCertificateRequest(key_, "host");
  const Owned<BIO> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Owned<X509_REQ> request(PEM_read_bio_X509_REQ(in.get(), nullptr, nullptr, nullptr));
  const Owned<EVP_PKEY> other(EVP_EC_gen("P-256"));
  ASSERT_GT(X509_REQ_sign(request.get(), other.get(), EVP_sha256()), 0);
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_REQ(out.get(), request.get());
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &data));
  const auto signed_request = SignRequest(authority_, {data, size}, DeviceSpec());
  ASSERT_FALSE(signed_request);
  EXPECT_EQ(signed_request.error().code, Code::kInvalidArgument);
  EXPECT_NE(signed_request.error().message.find("own key"), std::string::npos);
}

TEST_F(X509Test, OnlyP256KeysAreCertified) {
  const Owned<EVP_PKEY> rsa(EVP_RSA_gen(2048));
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(out.get(), rsa.get(), nullptr, nullptr, 0, nullptr, nullptr), 1);
  char* data = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(out.get(), &data));
  const auto certificate = SignKey(authority_, {data, size}, DeviceSpec());
  ASSERT_FALSE(certificate);
  EXPECT_NE(certificate.error().message.find("P-256"), std::string::npos);
}

TEST_F(X509Test, AuthorityWithAnotherKeySignsNothing) {
  const auto certificate =
      SignKey({.certificate_pem = authority_.certificate_pem, .private_key_pem = key_}, key_, DeviceSpec());
  ASSERT_FALSE(certificate);
  EXPECT_NE(certificate.error().message.find("does not belong"), std::string::npos);
}

TEST_F(X509Test, NotAnAddressIsNamed) {
  CertificateSpec spec = DeviceSpec();
  spec.ip_addresses = {"127.0.0.300"};
  const auto certificate = SignKey(authority_, key_, spec);
  ASSERT_FALSE(certificate);
  EXPECT_NE(certificate.error().message.find("127.0.0.300"), std::string::npos);
}

TEST(RandomHex, HasTheAskedLengthAndDoesNotRepeat) {
  EXPECT_EQ(RandomHex(0), "");
  EXPECT_EQ(RandomHex(300).size(), 600u);
  EXPECT_NE(RandomHex(16), RandomHex(16));
}

}  // namespace
}  // namespace daicho
