#include "collector/store/effects.h"

#include <algorithm>
#include <type_traits>

#include "common/delta.h"
#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

// An entry is read by people.
constexpr std::size_t kTokensOfAnEntry = 50;
constexpr std::size_t kPrintDigits = 16;

JournalWrite Entry(UnixTime at, std::string actor, std::string_view action, std::string detail) {
  return {
      .at = at, .actor = std::move(actor), .action = std::string(action), .detail = std::move(detail), .result = {}};
}

template <typename Write>
std::vector<JournalWrite> Effects(const Write&) {
  return {};
}

std::vector<JournalWrite> Effects(const TokenWrite& write) {
  std::vector<JournalWrite> entries;
  for (std::size_t first = 0; first < write.token_hashes.size(); first += kTokensOfAnEntry) {
    std::string detail = "expires=" + FormatTime(write.expires_at);
    if (!write.device_id.empty()) detail += " device=" + write.device_id;
    detail += " tokens=";
    const std::size_t end = std::min(first + kTokensOfAnEntry, write.token_hashes.size());
    for (std::size_t i = first; i < end; ++i) detail += (i == first ? "" : ",") + TokenPrint(write.token_hashes[i]);
    entries.push_back(Entry(write.created_at, AdminActor(write.created_by), kTokensCreated, std::move(detail)));
  }
  return entries;
}

std::vector<JournalWrite> Effects(const EnrolWrite& write) {
  return {Entry(write.at, "device/" + write.device_id, kTokenUsed, "token=" + TokenPrint(write.token_hash))};
}

std::vector<JournalWrite> Effects(const RevokeWrite& write) {
  if (!write.changed) return {};
  return {Entry(write.at, AdminActor(write.by), kDeviceRevoked, RevokedDetail(write.device_id, write.reason))};
}

}  // namespace

std::vector<JournalWrite> EffectsOf(const StoreWrite& any) {
  return std::visit([](const auto& write) { return write.result ? Effects(write) : std::vector<JournalWrite>(); }, any);
}

std::string RevokedDetail(std::string_view device_id, std::string_view reason) {
  return CleanText("device=" + std::string(device_id) + " reason=" + std::string(reason));
}

std::string AdminActor(std::string_view name) { return CleanText("admin/" + std::string(name)); }

std::string TokenPrint(std::string_view token_hash) { return Hex(Sha256(token_hash)).substr(0, kPrintDigits); }

std::string_view DetailField(std::string_view detail, std::string_view name) {
  for (const std::string_view field : Split(detail, ' ')) {
    if (field.size() > name.size() && field.starts_with(name) && field[name.size()] == '=') {
      return field.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace daicho::collector
