#include "collector/progress_line.h"

#include <unistd.h>

#include <iostream>

namespace daicho::collector {

namespace {
constexpr const char* kClearLine = "\r\x1b[K";
}

ProgressLine::ProgressLine() : is_terminal_(::isatty(STDERR_FILENO) != 0) {}

ProgressLine::~ProgressLine() {
  if (is_shown_) std::cerr << kClearLine << std::flush;
}

void ProgressLine::Show(std::string_view what, std::uint64_t done, std::uint64_t of) {
  const auto now = std::chrono::steady_clock::now();
  if (!is_terminal_ || now - shown_at_ < std::chrono::seconds(1)) return;
  shown_at_ = now;
  is_shown_ = true;
  std::cerr << kClearLine << what << " " << done << " of " << of << std::flush;
}

}  // namespace daicho::collector
