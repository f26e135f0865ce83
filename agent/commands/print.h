// Output of the commands.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"

namespace daicho::agent {

inline constexpr const char* kDefaultStateFolder = "/var/lib/daicho-agent";

// Writes to standard output; false: it is closed or full.
bool Print(std::string_view text);

// "daicho-agent: message" to standard error; returns the exit code for it.
int Complain(const Error& error);

// "example" and exit codes for --help.
std::string HelpFooter(const std::string& example);

}  // namespace daicho::agent
