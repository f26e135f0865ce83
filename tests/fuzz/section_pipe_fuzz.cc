// Noise in the pipe from the collection: never a crash, and nothing is OK that did not arrive whole.
#include <cstdint>
#include <cstdlib>
#include <set>

#include "agent/cycle/section_pipe.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto collected = daicho::agent::ParseCollected({reinterpret_cast<const char*>(data), size}, 1'800'000'000);
  std::set<std::string> names;
  for (const auto& section : collected.sections) {
    if (!names.insert(section.name()).second) std::abort();  // a section twice would be two truths
  }
  if (collected.complete != collected.problem.empty()) std::abort();
  return 0;
}
