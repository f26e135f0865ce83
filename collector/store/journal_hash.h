// The audit journal's hash chain, so that whoever has the entries can check that none was changed, removed or inserted.
// Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace daicho::collector {

struct JournalEntry {
  std::int64_t seq = 0;  // from 1, without gaps
  UnixTime at = 0;
  std::string_view actor;
  std::string_view action;
  std::string_view detail;
};

// SHA-256 (32 raw bytes) over: the previous entry's hash (32 zero bytes before the first), seq and at as 8 bytes
// big-endian each, then actor, action and detail, each its length as 4 bytes big-endian and its bytes.
std::string JournalHash(std::string_view previous_hash, const JournalEntry& entry);

}  // namespace daicho::collector
