// What a section holds after a PARTIAL report. Pure; thread-safe.
#pragma once

#include "common/delta.h"
#include "common/sections.h"

namespace daicho::collector {

// Rows of `held` and `seen` by key: a row only in one of them stays; of a key in both, the known row overlaid with the
// seen one (common/sections.h OverlayRow). Both ordered and without faults; so is the result.
Rows MergePartial(const SectionType& type, const Rows& held, const Rows& seen);

}  // namespace daicho::collector
