// What a machine says of itself beside its software: small, plausible, and of its number and the seed alone (it is the
// same in every generation). Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/delta.h"

namespace daicho::fleet {

inline constexpr std::size_t kAccounts = 37;  // of each machine

std::string HostnameOf(std::uint32_t machine);

// Ordered rows of "accounts", "groups", "os", "hardware", "network" or "listeners"; none for another name.
Rows MachineRows(std::uint64_t seed, std::uint32_t machine, std::string_view section);

}  // namespace daicho::fleet
