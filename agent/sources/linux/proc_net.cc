#include "agent/sources/linux/proc_net.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr int kMaxIssuesPerFile = 20;

// Socket states of include/net/tcp_states.h; UDP uses CLOSE for "not connected".
constexpr std::string_view kTcpListen = "0A";
constexpr std::string_view kUdpUnconnected = "07";

// "ADDRESS:PORT" in hexadecimal. False: not of that form.
bool ParseEndpoint(std::string_view text, bool inet6, ListeningSocket& socket) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto port = ParseHex(text.substr(colon + 1));
  if (!port || *port > 0xffff) return false;
  const std::string_view address = text.substr(0, colon);
  socket.address = inet6 ? Inet6Text(address, /*host_words=*/true) : Inet4Text(address);
  socket.port = static_cast<std::uint16_t>(*port);
  return !socket.address.empty();
}

template <typename T>
bool ParseDecimal(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string_view NextField(std::string_view& line) {
  const auto begin = line.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return line = {};
  line.remove_prefix(begin);
  const std::string_view field = line.substr(0, line.find_first_of(" \t"));
  line.remove_prefix(field.size());
  return field;
}

std::optional<std::uint32_t> ParseHex(std::string_view digits) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.size() > 8) return std::nullopt;
  return value;
}

std::string Inet4Text(std::string_view digits) {
  const auto word = ParseHex(digits);
  if (digits.size() != 8 || !word) return "";
  char text[INET_ADDRSTRLEN] = "";
  // The word as it lies in memory is the address in network order.
  ::inet_ntop(AF_INET, &*word, text, sizeof text);
  return text;
}

std::string Inet6Text(std::string_view digits, bool host_words) {
  if (digits.size() != 32) return "";
  unsigned char bytes[16];
  for (std::size_t word = 0; word < 4; ++word) {
    const auto value = ParseHex(digits.substr(word * 8, 8));
    if (!value) return "";
    const std::uint32_t stored = host_words ? *value : htonl(*value);
    std::memcpy(bytes + word * 4, &stored, sizeof stored);
  }
  char text[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(AF_INET6, bytes, text, sizeof text);
  return text;
}

std::vector<ListeningSocket> ParseProcNet(std::string_view text, std::string_view protocol, std::string_view file,
                                          SectionBuilder& section) {
  const bool inet6 = protocol.ends_with('6');
  const std::string_view wanted = protocol.starts_with("udp") ? kUdpUnconnected : kTcpListen;
  std::vector<ListeningSocket> sockets;
  std::uint32_t number = 0;
  int issues = 0;
  std::string_view line;
  while (NextLine(text, line)) {
    if (++number == 1) continue;  // heading
    // slot, local, remote, state, queues, timer, retransmissions, uid, timeout, inode
    NextField(line);
    const std::string_view local = NextField(line);
    NextField(line);
    const std::string_view state = NextField(line);
    if (state.size() == 2 && ParseHex(state) && state != wanted) continue;
    for (int skipped = 0; skipped < 3; ++skipped) NextField(line);
    const std::string_view uid = NextField(line);
    NextField(line);
    ListeningSocket socket;
    socket.protocol = protocol;
    if (state == wanted && ParseEndpoint(local, inet6, socket) && ParseDecimal(uid, socket.uid) &&
        ParseDecimal(NextField(line), socket.inode)) {
      sockets.push_back(std::move(socket));
      continue;
    }
    section.Partial(std::string(file) + ":" + std::to_string(number) + ": line is no socket");
    if (++issues <= kMaxIssuesPerFile) section.AddIssue(file, number, "line is no socket");
  }
  return sockets;
}

}  // namespace daicho::agent
