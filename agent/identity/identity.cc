#include "agent/identity/identity.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "common/files.h"
#include "common/x509.h"

namespace daicho::agent {

namespace {

constexpr std::size_t kMaxPemBytes = 256u << 10;
constexpr std::string_view kDeviceUri = "daicho://device/";

std::string NewFolder(const AgentState& state) { return state.IdentityFolder() + ".new"; }

bool Exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<std::string> ReadPem(const AgentState& state, const std::string& path) {
  auto pem = ReadFile(path, kMaxPemBytes);
  if (pem) return pem;
  if (pem.error().code == Code::kNotFound) {
    return Fail(Code::kFailedPrecondition, state.Folder() + ": this device is not enrolled (" + path +
                                               " is missing); get a token and run daicho-agent enrol");
  }
  return std::unexpected(std::move(pem.error()));
}

// The new folder takes the place of the old one in one step; what it replaced is removed afterwards.
Status ReplaceFolder(const std::string& from, const std::string& to) {
  const bool replace = Exists(to);
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), replace ? RENAME_EXCHANGE : RENAME_NOREPLACE) != 0) {
    return Fail(Code::kPermissionDenied, to + ": cannot replace: " + std::generic_category().message(errno));
  }
  std::error_code ignored;
  if (replace) std::filesystem::remove_all(from, ignored);
  return {};
}

Status WriteIdentityFolder(const std::string& folder, const Identity& identity) {
  if (auto made = MakeFolder(folder, 0700); !made) return made;
  if (auto done = WriteFileAtomically(folder + "/key.pem", identity.private_key_pem, 0600); !done) return done;
  if (auto done = WriteFileAtomically(folder + "/ca.pem", identity.authority_pem, 0644); !done) return done;
  return WriteFileAtomically(folder + "/certificate.pem", identity.certificate_pem, 0644);
}

}  // namespace

Result<std::string> DeviceIdOf(std::string_view identity_uri) {
  const std::string_view id = identity_uri.starts_with(kDeviceUri) ? identity_uri.substr(kDeviceUri.size()) : "";
  if (id.size() != 32 || id.find_first_not_of("0123456789abcdef") != id.npos) {
    return Fail(Code::kInvalidArgument, "the certificate names no device (wanted daicho://device/ID)");
  }
  return std::string(id);
}

Result<Identity> LoadCertificate(const AgentState& state) {
  auto certificate = ReadPem(state, state.Certificate());
  if (!certificate) return std::unexpected(std::move(certificate.error()));
  auto authority = ReadPem(state, state.Authority());
  if (!authority) return std::unexpected(std::move(authority.error()));
  const std::string repair = "; enrol again: daicho-agent enrol --force";
  const auto info = ReadCertificate(*certificate);
  if (!info) return Fail(Code::kDataLoss, state.Certificate() + ": " + info.error().message + repair);
  auto device_id = DeviceIdOf(info->identity_uri);
  if (!device_id) return Fail(Code::kDataLoss, state.Certificate() + ": " + device_id.error().message + repair);
  return Identity{.device_id = std::move(*device_id),
                  .private_key_pem = {},
                  .certificate_pem = std::move(*certificate),
                  .authority_pem = std::move(*authority),
                  .not_before = info->not_before,
                  .not_after = info->not_after};
}

Result<Identity> LoadIdentity(const AgentState& state) {
  auto identity = LoadCertificate(state);
  if (!identity) return identity;
  auto key = ReadPem(state, state.Key());
  if (!key) return std::unexpected(std::move(key.error()));
  // Otherwise the handshake would fail and look like a network that is down.
  if (auto fits = CheckKeyFits(*key, identity->certificate_pem); !fits) {
    return Fail(Code::kDataLoss,
                state.Key() + ": " + fits.error().message + "; enrol again: daicho-agent enrol --force");
  }
  identity->private_key_pem = std::move(*key);
  return identity;
}

bool IsEnrolled(const AgentState& state) { return Exists(state.Config()) && Exists(state.Certificate()); }

Status PrepareEnrolment(const AgentState& state, bool force) {
  if (IsEnrolled(state) && !force) {
    return Fail(Code::kAlreadyExists, state.Folder() +
                                          ": this device is enrolled already; to enrol it again with a new "
                                          "token, add --force");
  }
  if (!Exists(state.Folder())) {
    if (auto made = MakeFolder(state.Folder(), 0700); !made) return made;
  }
  std::error_code ignored;
  std::filesystem::remove_all(NewFolder(state), ignored);
  if (auto made = MakeFolder(NewFolder(state), 0700); !made) return made;
  std::filesystem::remove_all(NewFolder(state), ignored);
  return {};
}

Status SaveEnrolment(const AgentState& state, const Identity& identity, const AgentConfig& config) {
  const std::string folder = NewFolder(state);
  std::error_code ignored;
  if (auto written = WriteIdentityFolder(folder, identity); !written) {
    std::filesystem::remove_all(folder, ignored);
    return written;
  }
  // Without agent.toml the device counts as not enrolled: the two steps cannot be seen half done.
  const std::string text = FormatConfig(config);
  if (const auto old = ReadFile(state.Config()); old && *old != text) ::unlink(state.Config().c_str());
  if (auto replaced = ReplaceFolder(folder, state.IdentityFolder()); !replaced) {
    std::filesystem::remove_all(folder, ignored);
    return replaced;
  }
  return WriteFileAtomically(state.Config(), text, 0644);
}

Status SaveRenewedCertificate(const AgentState& state, std::string_view certificate_pem) {
  return WriteFileAtomically(state.Certificate(), certificate_pem, 0644);
}

}  // namespace daicho::agent
