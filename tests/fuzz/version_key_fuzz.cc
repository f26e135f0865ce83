// Version keys of any bytes: no key is a prefix of another, so keys joined to further columns keep their order.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/text.h"
#include "common/version_order.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto middle = std::min(text.find('\n'), text.size());
  const std::string a = daicho::VersionKey("dpkg", text.substr(0, middle));
  const std::string b = daicho::VersionKey("dpkg", text.substr(std::min(middle + 1, text.size())));
  if (a != b && (a.starts_with(b) || b.starts_with(a))) std::abort();
  const std::string clean = daicho::CleanText(text);
  if (!daicho::IsUtf8(clean) || daicho::CleanText(clean) != clean) std::abort();
  if (daicho::DisplayWidth(daicho::CutToWidth(text, 20)) > 20) std::abort();
  return 0;
}
