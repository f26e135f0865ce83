// The orders of common/version_order.h once more, as comparisons of two texts side by side, written from the same
// sources and without keys: what keys must agree with on any bytes.
#pragma once

#include <string_view>

namespace daicho {

// -1, 0 or 1.
int CompareVersions(std::string_view manager, std::string_view a, std::string_view b);

}  // namespace daicho
