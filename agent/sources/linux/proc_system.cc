#include "agent/sources/linux/proc_system.h"

#include <algorithm>
#include <array>

#include "common/text.h"

namespace daicho::agent {

namespace {

// Best first: where a kernel prints several, the first of these names the CPU.
constexpr std::array<std::string_view, 5> kModelNames = {"model name", "Processor", "cpu", "Model", "machine"};

// Takes "name : value"; false if there is no colon.
bool SplitPair(std::string_view line, std::string_view& name, std::string_view& value) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  name = Trim(line.substr(0, colon));
  value = Trim(line.substr(colon + 1));
  return true;
}

bool HasWord(std::string_view words, std::string_view wanted) {
  for (const std::string_view word : Split(words, ' ')) {
    if (word == wanted) return true;
  }
  return false;
}

}  // namespace

CpuInfo ParseCpuInfo(std::string_view text) {
  CpuInfo info;
  std::size_t best = kModelNames.size();
  bool seen_flags = false;
  std::string_view line, name, value;
  while (NextLine(text, line)) {
    if (!SplitPair(line, name, value)) continue;
    if (name == "processor" && ParseUint32(value)) ++info.threads;
    if (name == "flags" && !seen_flags) {
      seen_flags = true;
      info.hypervisor = HasWord(value, "hypervisor");
    }
    const auto rank = static_cast<std::size_t>(std::ranges::find(kModelNames, name) - kModelNames.begin());
    if (rank < best && !value.empty()) {
      best = rank;
      info.model = CleanText(value);
    }
  }
  return info;
}

std::optional<std::uint64_t> ParseMemTotal(std::string_view text) {
  std::string_view line, name, value;
  while (NextLine(text, line)) {
    if (!SplitPair(line, name, value) || name != "MemTotal") continue;
    const auto kib = ParseInt64(value.substr(0, value.find(' ')));
    return kib && *kib > 0 ? std::optional(static_cast<std::uint64_t>(*kib)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace daicho::agent
