// Enrolment tokens: 256 random bits, shown once. The store keeps only the hash, so a copy of the ledger enrols nobody.
// Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace daicho::collector {

// 64 lower-case hex digits.
std::string NewToken();

// What the store keeps: hex SHA-256. Blanks around the token are ignored, people paste them along.
std::string TokenHash(std::string_view token);

}  // namespace daicho::collector
