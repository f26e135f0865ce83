// Any text as a record of a cycle: never a crash, and what is accepted reads the same after it is written.
#include <cstdint>
#include <cstdlib>

#include "agent/cycle/cycle_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto record = daicho::agent::ParseCycleRecord({reinterpret_cast<const char*>(data), size}, "fuzz");
  if (!record) return 0;
  const std::string text = daicho::agent::FormatCycleRecord(*record);
  const auto again = daicho::agent::ParseCycleRecord(text, "fuzz");
  if (!again || daicho::agent::FormatCycleRecord(*again) != text) std::abort();
  return 0;
}
