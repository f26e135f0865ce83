// Any bytes as os-release: values are clean UTF-8, no larger than what CleanText may make of the file, and the
// parser says the same twice.
#include <cstdint>
#include <cstdlib>

#include "agent/sources/linux/os_release.h"
#include "common/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using daicho::agent::OsRelease;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  daicho::agent::SectionBuilder first("os");
  daicho::agent::SectionBuilder second("os");
  const OsRelease release = ParseOsRelease(text, "/etc/os-release", first);
  const OsRelease again = ParseOsRelease(text, "/etc/os-release", second);
  for (const auto field :
       {&OsRelease::id, &OsRelease::pretty_name, &OsRelease::version_id, &OsRelease::version_codename}) {
    const std::string& value = release.*field;
    if (value != again.*field || value != daicho::CleanText(value) || value.size() > 3 * size) std::abort();
  }
  if (first.Take().SerializeAsString() != second.Take().SerializeAsString()) std::abort();
  return 0;
}
