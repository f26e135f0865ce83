#include "agent/sources/linux/escaped_name.h"

#include "common/delta.h"
#include "common/text.h"

namespace daicho::agent {

std::string EscapedName(std::string_view name) {
  std::string text;
  text.reserve(name.size());
  while (!name.empty()) {
    const Utf8Char next = NextUtf8(name);
    const bool control = next.code < 0x20 || (next.code >= 0x7f && next.code < 0xa0);
    if (!next.valid || control || name.starts_with("\\x")) {
      for (const char byte : name.substr(0, next.size)) text += "\\x" + Hex({&byte, 1});
    } else {
      text += name.substr(0, next.size);
    }
    name.remove_prefix(next.size);
  }
  return text;
}

}  // namespace daicho::agent
