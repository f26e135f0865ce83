// What is known of a section after a PARTIAL collection: on the device, and on the collector. Pure; thread-safe.
#pragma once

#include "common/delta.h"
#include "common/sections.h"

namespace daicho {

// Rows of `held` and `seen` by key: a row only in one of them stays as it is, byte for byte; of a key in both, the
// known row overlaid with the seen one (OverlayRow). If that makes no good row (a field of a newer agent, unknown here,
// stands behind the machine's fields; or it is too large), the seen row replaces the known one. A row that does not
// parse stays too. The result is ordered.
Rows MergePartial(const SectionType& type, const Rows& held, const Rows& seen);

}  // namespace daicho
