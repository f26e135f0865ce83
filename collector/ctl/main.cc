// `daicho`: the admin command.
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "collector/ctl/daicho.h"

namespace {

constexpr std::size_t kUnknownWidth = 80;

// Columns of the terminal behind standard output; 0: it is a file or a pipe.
std::size_t TerminalWidth() {
  if (::isatty(STDOUT_FILENO) == 0) return 0;
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUnknownWidth;
  return size.ws_col;
}

std::string EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  daicho::collector::Console console{
      .in = std::cin,
      .out = std::cout,
      .err = std::cerr,
      .width = TerminalWidth(),
      .in_is_terminal = ::isatty(STDIN_FILENO) != 0,
      .err_is_terminal = ::isatty(STDERR_FILENO) != 0,
  };
  const daicho::SystemClock clock;
  return static_cast<int>(daicho::collector::RunDaicho(
      arguments, DAICHO_VERSION, {console, clock, EnvironmentVariable, daicho::collector::Session::Connect}));
}
