#include "agent/sources/linux/login_shell.h"

#include <algorithm>
#include <array>

namespace daicho::agent {

bool IsLoginShell(std::string_view shell) {
  static constexpr std::array<std::string_view, 8> kNoShells = {"nologin", "false",    "true",   "sync",
                                                                "halt",    "shutdown", "reboot", "poweroff"};
  const std::string_view name = shell.substr(shell.rfind('/') + 1);
  return std::ranges::find(kNoShells, name) == kNoShells.end();
}

}  // namespace daicho::agent
