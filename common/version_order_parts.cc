#include <cstdint>

#include "common/version_order_schemes.h"

namespace daicho::version_order {

void AppendNumber(std::string_view digits, std::string& key) {
  while (!digits.empty() && digits.front() == '0') digits.remove_prefix(1);
  if (digits.size() < 0xff) {
    key += static_cast<char>(digits.size());
  } else {
    key += static_cast<char>(0xff);
    const auto size = static_cast<std::uint32_t>(digits.size());
    for (int shift = 24; shift >= 0; shift -= 8) key += static_cast<char>(size >> shift);
  }
  key += digits;
}

}  // namespace daicho::version_order
