// How far long work is: one line on standard error, rewritten once a second, on a terminal alone (a file or a mail
// wants the outcome). Gone with the object. Used from one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace daicho::collector {

class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // "WHAT DONE of OF"
  void Show(std::string_view what, std::uint64_t done, std::uint64_t of);

 private:
  const bool is_terminal_;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point shown_at_ = std::chrono::steady_clock::now();
};

}  // namespace daicho::collector
