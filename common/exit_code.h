// Exit codes of every Daicho command; each --help prints them.
#pragma once

#include "common/error.h"

namespace daicho {

enum class ExitCode {
  kDone = 0,
  kFindings = 1,     // findings of a failed check, or nothing found where something was asked for
  kUsage = 2,        // command line or configuration
  kUnreachable = 3,  // the other side cannot be reached
  kRefused = 4,      // the other side, or the system, says no
  kBadData = 5,      // a file, message or store that cannot be used
};

ExitCode ExitCodeFor(Code code);

// The paragraph for --help.
inline constexpr const char* kExitCodesHelp =
    "Exit codes: 0 done, 1 findings of a failed check or nothing found where asked, 2 usage, 3 cannot reach, "
    "4 refused, 5 bad data";

}  // namespace daicho
