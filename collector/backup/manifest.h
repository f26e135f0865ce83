// What a backup has in it, as its first member manifest.toml says. Pure; thread-safe.
//
//   format = 1
//   daicho = "0.1.0"                     version that made it
//   made_at = "2026-04-01T00:00:00Z"
//   store = "sqlite"                     or "postgresql": the ledger is not in it
//   schema = 4, devices = 12, section_rows = 30211, journal_entries = 90      of the ledger; 0 if it is not in it
//   [[member]]
//   path = "ledger.sqlite", bytes = 1048576, sha256 = "…"                      hex, SHA-256 (FIPS 180-4)
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/sqlite_store.h"
#include "common/error.h"

namespace daicho::collector {

inline constexpr const char* kManifestName = "manifest.toml";
inline constexpr std::int64_t kBackupFormat = 1;

struct BackupMember {
  std::string path;
  std::int64_t bytes = 0;
  std::string sha256;

  bool operator==(const BackupMember&) const = default;
};

struct Manifest {
  std::string daicho;
  std::string made_at;
  std::string store;
  LedgerCounts counts;
  std::vector<BackupMember> members;

  bool operator==(const Manifest&) const = default;
};

std::string FormatManifest(const Manifest& manifest);

// kDataLoss: no manifest, or of a newer format; the message begins with `file`.
Result<Manifest> ParseManifest(std::string_view text, const std::string& file);

// A name that stays below the folder it is unpacked in, of the letters that a state folder's names have.
bool IsMemberName(std::string_view name);

}  // namespace daicho::collector
