// The collector's own certificate authority, kept in STATE/ca: ca-key.pem (0600) and ca.pem; STATE/ca.pem is the copy
// that agents pin. Immutable once loaded; thread-safe.
//
// Certificates begin five minutes in the past, so that a device whose clock is a little behind can use what it was just
// given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "collector/enrol/identity.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/x509.h"

namespace daicho::collector {

inline constexpr UnixTime kSecondsPerDay = 86'400;

struct IssuedCertificate {
  std::string certificate_pem;
  std::string serial_hex;
  UnixTime not_after = 0;
};

struct Credential {
  std::string private_key_pem;
  std::string certificate_pem;
};

class Authority {
 public:
  // Takes the authority in `state_folder`, or makes one if there is none. An interrupted creation is completed; an
  // existing key is never replaced. Errors name the file.
  static Result<Authority> LoadOrCreate(const std::string& state_folder, UnixTime now);

  // kNotFound: no authority there.
  static Result<Authority> Load(const std::string& state_folder);

  // Gives another collector's authority to the state folder `to`. kFailedPrecondition: it has another one already,
  // which stays.
  static Status Copy(const std::string& from, const std::string& to);

  const std::string& certificate_pem() const { return keys_.certificate_pem; }

  // Certificates of devices and admins begin a day before `now`, or a quarter of their life if that is less.

  // kInvalidArgument: the request cannot be signed (the message says why).
  Result<IssuedCertificate> IssueDevice(std::string_view request_pem, std::string_view device_id,
                                        std::string_view hostname, UnixTime now, int days) const;

  // kInvalidArgument: `name` is not an admin name (enrol/identity.h).
  Result<Credential> IssueAdmin(std::string_view name, Role role, UnixTime now, int days) const;

  // `names`: DNS names and IP addresses beside kCollectorServerName. The collector takes a new one at each start:
  // agents pin the authority, so the server's key need never be on disk.
  Result<Credential> IssueServer(const std::vector<std::string>& names, UnixTime now) const;

 private:
  explicit Authority(CertificateAuthority keys) : keys_(std::move(keys)) {}

  CertificateAuthority keys_;
};

// True when half of a server certificate's two years is left, or if it cannot be read.
bool ServerRenewalDue(std::string_view certificate_pem, UnixTime now);

}  // namespace daicho::collector
