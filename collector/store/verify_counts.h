// What a proof of the ledger recomputed. Pure.
#pragma once

#include <cstdint>

namespace daicho::collector {

struct VerifyCounts {
  std::uint64_t devices = 0;
  std::uint64_t sections = 0;  // digests recomputed, those of the past included
  std::uint64_t items = 0;
  std::uint64_t sets = 0;
  std::uint64_t journal_entries = 0;

  bool operator==(const VerifyCounts&) const = default;
};

}  // namespace daicho::collector
