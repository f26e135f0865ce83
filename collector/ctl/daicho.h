// `daicho`, the admin command, apart from the process it runs in.
#pragma once

#include <string>
#include <vector>

#include "collector/ctl/context.h"
#include "common/exit_code.h"

namespace daicho::collector {

// Parses `arguments` (without the program's name), runs the command and prints to the console. Does not throw.
ExitCode RunDaicho(const std::vector<std::string>& arguments, const std::string& version,
                   const Surroundings& surroundings);

}  // namespace daicho::collector
