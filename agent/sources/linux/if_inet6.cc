#include "agent/sources/linux/if_inet6.h"

#include <cstdint>

#include "agent/sources/linux/proc_net.h"
#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr std::uint32_t kTemporary = 0x01;  // IFA_F_TEMPORARY
constexpr int kMaxIssuesPerFile = 20;

}  // namespace

std::set<InterfaceName> ParseTemporaryAddresses(std::string_view text, std::string_view file, SectionBuilder& section) {
  std::set<InterfaceName> temporary;
  std::uint32_t number = 0;
  int issues = 0;
  std::string_view line;
  while (NextLine(text, line)) {
    ++number;
    // address, index, prefix length, scope, flags, interface
    const std::string_view address = NextField(line);
    for (int skipped = 0; skipped < 3; ++skipped) NextField(line);
    const auto flags = ParseHex(NextField(line));
    const std::string_view name = NextField(line);
    const std::string readable = address.size() == 32 ? Inet6Text(address, /*host_words=*/false) : "";
    if (readable.empty() || !flags || name.empty()) {
      if (++issues <= kMaxIssuesPerFile) section.AddIssue(file, number, "line is no IPv6 address of an interface");
    } else if ((*flags & kTemporary) != 0) {
      temporary.emplace(std::string(name), readable);
    }
  }
  return temporary;
}

}  // namespace daicho::agent
