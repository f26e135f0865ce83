// The moments of the past that can be asked about. Thread-safe.
#pragma once

#include <algorithm>
#include <optional>

#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/time_format.h"

namespace daicho::collector {

// kFailedPrecondition: what was then is forgotten (RetentionWrite of store.h).
Status CheckKept(const Store& store, UnixTime moment);

// What a request has as `at`: absent: now; a moment to come is now, too. Errors as above.
template <typename Request>
Result<std::optional<UnixTime>> MomentOf(const Request& request, const Store& store, UnixTime now) {
  if (!request.has_at()) return std::optional<UnixTime>();
  const UnixTime moment = std::min(FromTimestamp(request.at()), now);
  if (auto kept = CheckKept(store, moment); !kept) return std::unexpected(kept.error());
  return std::optional(moment);
}

}  // namespace daicho::collector
