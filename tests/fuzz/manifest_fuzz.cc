// The manifest of a backup of any bytes is refused or read; what is read is written and read again as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collector/backup/manifest.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

// Texts that FormatManifest() writes without escaping.
bool IsPlain(std::string_view text) {
  for (const char c : text) {
    if (c < ' ' || c == '"' || c == '\\' || c > '~') return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daicho::collector;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(IsMemberName(text));
  const auto manifest = ParseManifest(text, "manifest");
  if (!manifest) {
    Require(!manifest.error().message.empty());
    return 0;
  }
  for (const BackupMember& member : manifest->members) Require(IsMemberName(member.path));
  if (!IsPlain(manifest->daicho) || !IsPlain(manifest->made_at)) return 0;
  const auto again = ParseManifest(FormatManifest(*manifest), "again");
  Require(again && *again == *manifest);
  return 0;
}
