// Finds the finding an admin means. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "collector/store/store.h"
#include "common/error.h"

namespace daicho::collector {

struct FoundFinding {
  std::string finding_id;
  std::string status;  // "open", "waived", "resolved"
};

// The one finding whose id is `text` or begins with it (4 characters or more); of several, the one that is not
// resolved. kNotFound: none; kInvalidArgument: several: the message lists them.
Result<FoundFinding> LookUpFinding(const Store& store, std::string_view text);

}  // namespace daicho::collector
