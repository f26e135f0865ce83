#include "agent/commands/print.h"

#include <cstdio>

#include "common/exit_code.h"

namespace daicho::agent {

bool Print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

int Complain(const Error& error) {
  std::fprintf(stderr, "daicho-agent: %s\n", error.message.c_str());
  return static_cast<int>(ExitCodeFor(error.code));
}

std::string HelpFooter(const std::string& example) { return "Example: " + example + "\n" + kExitCodesHelp; }

}  // namespace daicho::agent
