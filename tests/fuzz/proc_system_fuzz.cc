// Any bytes as cpuinfo, meminfo and firmware values: clean text out, no more CPUs than lines, placeholders decided
// alike whatever the blanks around them.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "agent/sources/linux/placeholders.h"
#include "agent/sources/linux/proc_system.h"
#include "agent/sources/linux/smbios.h"
#include "common/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const daicho::agent::CpuInfo cpu = daicho::agent::ParseCpuInfo(text);
  if (cpu.model != daicho::CleanText(cpu.model)) std::abort();
  if (cpu.threads > std::ranges::count(text, '\n') + 1) std::abort();
  if (daicho::agent::ParseMemTotal(text) == std::uint64_t{0}) std::abort();
  const std::string spaced = " " + std::string(text) + "\t";
  if (daicho::agent::IsPlaceholder(text) != daicho::agent::IsPlaceholder(spaced)) std::abort();
  if (daicho::agent::VirtualizationName(text, text, true).empty()) std::abort();
  daicho::agent::ChassisName(text);
  return 0;
}
