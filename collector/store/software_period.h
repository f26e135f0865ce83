// The software that a device has in one of its periods, read back from the blobs of software_period and software_set.
// Threads: as the connection.
#pragma once

#include <cstdint>
#include <optional>

#include "collector/store/connection.h"
#include "collector/store/set_codec.h"
#include "common/clock.h"

namespace daicho::collector {

struct SoftwarePeriod {
  ItemTails held;
  // The period that has its tails whole: this one, or the one that this one's tails are a patch of.
  std::int64_t whole_id = 0;
  std::size_t whole_size = 0;     // bytes of its tails as stored
  std::optional<ItemTails> base;  // what it has, if it is another one

  const ItemTails& whole() const { return base ? *base : held; }
};

// What holds now, or held at `at`. Nothing: no software is, or was, known. kDataLoss, or the engine's error, which
// sticks.
Result<std::optional<SoftwarePeriod>> ReadSoftwarePeriod(Connection& connection, std::int64_t device,
                                                         std::optional<UnixTime> at = {});

}  // namespace daicho::collector
