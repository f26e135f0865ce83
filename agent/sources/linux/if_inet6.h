// Parser of /proc/net/if_inet6 (proc(5)): what getifaddrs(3) does not tell of IPv6 addresses.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "agent/sources/section_builder.h"

namespace daicho::agent {

// Interface, and address in the form of inet_ntop(3).
using InterfaceName = std::pair<std::string, std::string>;

// Addresses with IFA_F_TEMPORARY (rtnetlink(7)): privacy addresses that the machine replaces by itself every day. A
// line that does not parse is an issue.
std::set<InterfaceName> ParseTemporaryAddresses(std::string_view text, std::string_view file, SectionBuilder& section);

}  // namespace daicho::agent
