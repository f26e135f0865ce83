#include "collector/store/journal_hash.h"

#include "common/delta.h"

namespace daicho::collector {

namespace {

void AppendBigEndian(std::uint64_t value, int bytes, std::string& out) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

}  // namespace

std::string JournalHash(std::string_view previous_hash, const JournalEntry& entry) {
  std::string message = previous_hash.empty() ? std::string(kDigestBytes, '\0') : std::string(previous_hash);
  AppendBigEndian(static_cast<std::uint64_t>(entry.seq), 8, message);
  AppendBigEndian(static_cast<std::uint64_t>(entry.at), 8, message);
  for (const std::string_view field : {entry.actor, entry.action, entry.detail}) {
    AppendBigEndian(field.size(), 4, message);
    message += field;
  }
  return Sha256(message);
}

}  // namespace daicho::collector
