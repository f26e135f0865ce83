#include "collector/proof.h"

#include <algorithm>
#include <array>
#include <utility>

#include "collector/progress_line.h"

namespace daicho::collector {

namespace {

std::array<std::pair<const char*, std::uint64_t>, 5> Named(const VerifyCounts& counts) {
  return {{{"devices", counts.devices},
           {"sections", counts.sections},
           {"items", counts.items},
           {"sets", counts.sets},
           {"journal_entries", counts.journal_entries}}};
}

}  // namespace

Result<VerifyCounts> Prove(const Store& store) {
  ProgressLine progress;
  return store.Verify([&](std::uint64_t done, std::uint64_t of) {
    progress.Show("proved", done, of);
    return true;
  });
}

std::string ToText(const VerifyCounts& counts) {
  std::string text;
  for (const auto& [name, count] : Named(counts)) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + name;
  }
  std::ranges::replace(text, '_', ' ');
  return text;
}

void AppendJsonMembers(const VerifyCounts& counts, std::string& json) {
  for (const auto& [name, count] : Named(counts)) {
    json += ",\"" + std::string(name) + "\":" + std::to_string(count);
  }
}

}  // namespace daicho::collector
