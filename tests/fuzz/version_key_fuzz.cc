// Version keys of any bytes, in every order: keys compare as the versions do (written a second time, without keys), are
// bounded, and none is the beginning of another, so keys joined to further columns keep their order.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/text.h"
#include "common/version_order.h"
#include "tests/common/version_comparators.h"

namespace {

void CheckKeys(std::string_view manager, std::string_view a, std::string_view b) {
  const std::string key_a = daicho::VersionKey(manager, a);
  const std::string key_b = daicho::VersionKey(manager, b);
  const int order = key_a.compare(key_b);
  if ((order > 0) - (order < 0) != daicho::CompareVersions(manager, a, b)) std::abort();
  if (order != 0 && (key_a.starts_with(key_b) || key_b.starts_with(key_a))) std::abort();
  if (key_a.size() > 3 * a.size() + 16 || key_b.size() > 3 * b.size() + 16) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto middle = std::min(text.find('\n'), text.size());
  const std::string_view a = text.substr(0, middle);
  const std::string_view b = text.substr(std::min(middle + 1, text.size()));
  for (const char* manager : {"dpkg", "rpm", "pacman", "apk", "windows"}) CheckKeys(manager, a, b);
  const std::string clean = daicho::CleanText(text);
  if (!daicho::IsUtf8(clean) || daicho::CleanText(clean) != clean) std::abort();
  if (daicho::DisplayWidth(daicho::CutToWidth(text, 20)) > 20) std::abort();
  return 0;
}
