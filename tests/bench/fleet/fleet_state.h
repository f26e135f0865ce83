// The state file: identities and what was acknowledged, so that a later run can go on. Not thread-safe.
#pragma once

#include <string>

#include "common/error.h"
#include "fleet.pb.h"
#include "tests/bench/fleet/installed_software.h"

namespace daicho::fleet {

// Grown to `devices` if it has fewer. No file: a new fleet. kFailedPrecondition: made with another seed, number of
// packages or list of packages; kDataLoss: not such a file.
Result<Fleet> LoadFleet(const std::string& path, const FleetSpec& spec, const std::string& catalogue_digest,
                        std::uint32_t devices);

Status SaveFleet(const std::string& path, const Fleet& fleet);  // mode 0600

// One token a line; empty lines do not count. kNotFound, kPermissionDenied: the file.
Result<std::vector<std::string>> LoadTokens(const std::string& path);

}  // namespace daicho::fleet
