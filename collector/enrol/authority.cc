#include "collector/enrol/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "common/files.h"
#include "common/protocol.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

// What the collector verifies by its own clock was valid yesterday: when that clock is set back, nobody whom it has
// just let in is shut out. (Not longer: agents renew at half of the life.)
constexpr UnixTime BeginOf(UnixTime now, int days) {
  return now - std::min<UnixTime>(kSecondsPerDay, days * kSecondsPerDay / 4);
}
// 2000-01-01. A machine with an empty clock battery must still reach its collector, which then measures its skew; so
// what agents verify by their own clock, the authority and the server, is valid from long ago.
constexpr UnixTime kForWrongClocks = 946'684'800;
constexpr int kAuthorityDays = 20 * 365;
constexpr int kServerDays = 2 * 365;
constexpr mode_t kSecretFile = 0600;
constexpr mode_t kSecretFolder = 0700;

std::string KeyPath(const std::string& state) { return state + "/ca/ca-key.pem"; }
std::string CertificatePath(const std::string& state) { return state + "/ca/ca.pem"; }

Result<CertificateAuthority> MakeAuthority(const std::string& state, UnixTime now) {
  // The name tells two collectors apart in a certificate viewer; it decides nothing.
  auto keys = NewAuthority("Daicho CA " + RandomHex(4), kForWrongClocks, now + kAuthorityDays * kSecondsPerDay);
  if (!keys) return keys;
  if (auto done = MakeFolder(state + "/ca", kSecretFolder); !done) return std::unexpected(done.error());
  // The certificate first: the key is the file that says "an authority exists", so an interruption leaves none.
  if (auto done = WriteFileAtomically(CertificatePath(state), keys->certificate_pem); !done) {
    return std::unexpected(done.error());
  }
  if (auto done = WriteFileAtomically(KeyPath(state), keys->private_key_pem, kSecretFile); !done) {
    return std::unexpected(done.error());
  }
  return keys;
}

bool IsAddress(const std::string& name) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, name.c_str(), bytes) == 1 || inet_pton(AF_INET6, name.c_str(), bytes) == 1;
}

}  // namespace

Result<Authority> Authority::Load(const std::string& state_folder) {
  auto key = ReadFile(KeyPath(state_folder));
  if (!key) return std::unexpected(key.error());
  auto certificate = ReadFile(CertificatePath(state_folder));
  if (!certificate) return std::unexpected(certificate.error());
  const auto info = ReadCertificate(*certificate);
  if (!info) return Fail(Code::kDataLoss, CertificatePath(state_folder) + ": " + info.error().message);
  Authority authority({.certificate_pem = std::move(*certificate), .private_key_pem = std::move(*key)});
  // A key that does not fit would be noticed only at the next enrolment, by a machine far away.
  const auto trial = SignKey(authority.keys_, authority.keys_.private_key_pem,
                             {.common_name = "trial",
                              .identity_uri = {},
                              .dns_names = {},
                              .ip_addresses = {},
                              .not_before = info->not_before,
                              .not_after = info->not_before + 1});
  if (!trial) return Fail(Code::kDataLoss, KeyPath(state_folder) + ": " + trial.error().message);
  return authority;
}

Result<Authority> Authority::LoadOrCreate(const std::string& state_folder, UnixTime now) {
  auto authority = Load(state_folder);
  if (!authority && authority.error().code == Code::kNotFound) {
    const auto key = ReadFile(KeyPath(state_folder));
    if (key) return authority;
    auto made = MakeAuthority(state_folder, now);
    if (!made) return std::unexpected(made.error());
    authority = Authority(std::move(*made));
  }
  if (!authority) return authority;
  if (auto done = WriteFileAtomically(state_folder + "/ca.pem", authority->certificate_pem()); !done) {
    return std::unexpected(done.error());
  }
  return authority;
}

Status Authority::Copy(const std::string& from, const std::string& to) {
  const auto authority = Load(from);
  if (!authority) return std::unexpected(authority.error());
  const auto held = ReadFile(KeyPath(to));
  if (held && *held != authority->keys_.private_key_pem) {
    return Fail(Code::kFailedPrecondition, KeyPath(to) + ": another authority's key; take an empty state folder");
  }
  if (auto done = MakeFolder(to + "/ca", kSecretFolder); !done) return done;
  if (auto done = WriteFileAtomically(CertificatePath(to), authority->certificate_pem()); !done) return done;
  return WriteFileAtomically(KeyPath(to), authority->keys_.private_key_pem, kSecretFile);
}

Result<IssuedCertificate> Authority::IssueDevice(std::string_view request_pem, std::string_view device_id,
                                                 std::string_view hostname, UnixTime now, int days) const {
  const CertificateSpec spec{.common_name = std::string(hostname),
                             .identity_uri = DeviceUri(device_id),
                             .dns_names = {},
                             .ip_addresses = {},
                             .not_before = BeginOf(now, days),
                             .not_after = now + days * kSecondsPerDay};
  auto pem = SignRequest(keys_, request_pem, spec);
  if (!pem) return std::unexpected(pem.error());
  const auto info = ReadCertificate(*pem);
  if (!info) return std::unexpected(info.error());
  return IssuedCertificate{
      .certificate_pem = std::move(*pem), .serial_hex = info->serial_hex, .not_after = info->not_after};
}

Result<Credential> Authority::IssueAdmin(std::string_view name, Role role, UnixTime now, int days) const {
  if (!IsAdminName(name)) {
    return Fail(Code::kInvalidArgument, "admin name \"" + CleanText(name) +
                                            "\": 1 to 64 letters, digits, dots, hyphens or underscores are allowed");
  }
  auto key = NewPrivateKey();
  if (!key) return std::unexpected(key.error());
  auto certificate = SignKey(keys_, *key,
                             {.common_name = std::string(name),
                              .identity_uri = AdminUri(name, role),
                              .dns_names = {},
                              .ip_addresses = {},
                              .not_before = BeginOf(now, days),
                              .not_after = now + days * kSecondsPerDay});
  if (!certificate) return std::unexpected(certificate.error());
  return Credential{.private_key_pem = std::move(*key), .certificate_pem = std::move(*certificate)};
}

Result<Credential> Authority::IssueServer(const std::vector<std::string>& names, UnixTime now) const {
  CertificateSpec spec{.common_name = kCollectorServerName,
                       .identity_uri = {},
                       .dns_names = {kCollectorServerName},
                       .ip_addresses = {},
                       .server = true,
                       .not_before = kForWrongClocks,
                       .not_after = now + kServerDays * kSecondsPerDay};
  for (const std::string& name : names) (IsAddress(name) ? spec.ip_addresses : spec.dns_names).push_back(name);
  auto key = NewPrivateKey();
  if (!key) return std::unexpected(key.error());
  auto certificate = SignKey(keys_, *key, spec);
  if (!certificate) return std::unexpected(certificate.error());
  return Credential{.private_key_pem = std::move(*key), .certificate_pem = std::move(*certificate)};
}

bool ServerRenewalDue(std::string_view certificate_pem, UnixTime now) {
  const auto info = ReadCertificate(certificate_pem);
  return !info || now >= info->not_after - kServerDays / 2 * kSecondsPerDay;
}

}  // namespace daicho::collector
