#include "collector/verdict.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/json.h"

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

std::string VerdictJson(const Result<VerifyCounts>& proved) {
  std::string json = proved ? "{\"sound\":true" : "{\"sound\":false,\"problem\":";
  if (proved) AppendJsonMembers(*proved, json);
  if (!proved) AppendJsonString(proved.error().message, json);
  return json + "}";
}

}  // namespace daicho::collector
