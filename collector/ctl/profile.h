// The connection profile of `daicho`: which collector, and who asks.
//
//   endpoint    = "collector.example:7443"   HOST:PORT of the admin service; IPv6 in brackets
//   ca          = "ca.pem"                   CA of the collector, PEM
//   certificate = "admin.pem"                the admin's certificate
//   key         = "admin.key"                its private key
//   role        = "admin"                    viewer, operator or admin; for people, the certificate decides
//
// TOML v1.0. File names are relative to the profile's folder. Thread-safe: functions without state.
#pragma once

#include <functional>
#include <string>

#include "collector/reports/table.h"
#include "common/error.h"

namespace daicho::collector {

struct Profile {
  std::string path;  // of the profile itself, for messages
  std::string endpoint;
  std::string ca;  // absolute, or relative to the working directory like `path`
  std::string certificate;
  std::string key;
  std::string role;
};

// Value of an environment variable; empty: not set.
using Environment = std::function<std::string(const std::string&)>;

// `given` if not empty, otherwise the first of $DAICHO_PROFILE, ~/.config/daicho/profile.toml and
// /etc/daicho/profile.toml ($DAICHO_PROFILE counts when set, the others when they exist). kInvalidArgument: none.
Result<std::string> FindProfile(const std::string& given, const Environment& environment, Language language);

// kInvalidArgument with file:line:column for what is wrong inside; kNotFound and kPermissionDenied become
// kInvalidArgument too, because the command line or its defaults named the file.
Result<Profile> LoadProfile(const std::string& path, Language language);

}  // namespace daicho::collector
