// Parsers of proc(5) cpuinfo and meminfo. Both are written by the kernel for people; what is not there is not known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace daicho::agent {

struct CpuInfo {
  std::string model;          // "model name" (x86), "Processor", "Model", "cpu" or "machine" (others); clean text
  std::uint32_t threads = 0;  // logical processors that are on
  bool hypervisor = false;    // x86: the CPU says that it is virtual
};
CpuInfo ParseCpuInfo(std::string_view text);

// MemTotal in KiB.
std::optional<std::uint64_t> ParseMemTotal(std::string_view text);

}  // namespace daicho::agent
