// Parser of /proc/net/{tcp,tcp6,udp,udp6} (proc(5)), and the pieces of that notation.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/section_builder.h"

namespace daicho::agent {

struct ListeningSocket {
  std::string_view protocol;  // "tcp", "tcp6", "udp", "udp6"
  std::string address;        // inet_ntop(3); "0.0.0.0" and "::" are all addresses
  std::uint16_t port = 0;
  std::uint32_t uid = 0;
  std::uint64_t inode = 0;  // 0: the socket belongs to no process
};

// Sockets that wait for whom they do not know yet: TCP in LISTEN, UDP bound and not connected. A line that does not
// parse is an issue (`file`, line) and makes the section PARTIAL. `protocol` must outlive the result.
std::vector<ListeningSocket> ParseProcNet(std::string_view text, std::string_view protocol, std::string_view file,
                                          SectionBuilder& section);

// Takes the next word from `line`; empty at its end.
std::string_view NextField(std::string_view& line);

// All of `digits` hexadecimal, at most eight of them.
std::optional<std::uint32_t> ParseHex(std::string_view digits);

// Readable form of an address in 8 or 32 digits; empty: not one. The kernel prints socket addresses as 32-bit words in
// the byte order of the machine (`host_words`), and those of interfaces byte by byte.
std::string Inet4Text(std::string_view digits);
std::string Inet6Text(std::string_view digits, bool host_words);

}  // namespace daicho::agent
