#include "collector/host_port.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kMaxName = 253;  // RFC 1035

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool IsIpv6(const std::string& text) {
  in6_addr address{};
  return inet_pton(AF_INET6, text.c_str(), &address) == 1 && !IN6_IS_ADDR_V4MAPPED(&address);
}

// What ends in a number is an address for some (inet_aton(3): 127.1, 0x7f000001) and nothing for others; whoever means
// one writes it whole.
bool EndsInANumber(std::string_view text) {
  const std::string_view label = text.substr(text.rfind('.') + 1);
  if (label.empty()) return false;  // the root's dot
  return label.starts_with("0x") || label.starts_with("0X") ||
         std::ranges::all_of(label, [](char c) { return c >= '0' && c <= '9'; });
}

bool IsIpv4(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool IsDnsName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName && std::ranges::all_of(text, IsNameCharacter) &&
         (!EndsInANumber(text) || IsIpv4(std::string(text)));
}

std::unexpected<Error> FailForm(std::string_view text) {
  return Fail(Code::kInvalidArgument,
              "\"" + CleanText(text.substr(0, kMaxName)) +
                  "\" is neither HOST:PORT nor [IPV6]:PORT with a port up to 65535; write an IPv4 " +
                  "address with its four numbers alone, as 127.0.0.1:7443");
}

class Socket {
 public:
  Socket(int family, int type) : fd_(::socket(family, type | SOCK_CLOEXEC, 0)) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

Result<HostPort> ParseHostPort(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return FailForm(text);
  const auto port = ParseUint32(text.substr(colon + 1));
  if (!port || *port > 65535) return FailForm(text);
  std::string host(text.substr(0, colon));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed ? !IsIpv6(host) : !IsDnsName(host)) return FailForm(text);
  return HostPort{.host = std::move(host), .port = static_cast<std::uint16_t>(*port)};
}

std::string ToText(const HostPort& endpoint) {
  const bool ipv6 = endpoint.host.find(':') != std::string::npos;
  return (ipv6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

Result<std::uint16_t> FreePort(const std::string& host) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), "0", &hints, &found); error != 0) {
    return Fail(Code::kUnavailable, host + ": " + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, ::freeaddrinfo);
  const Socket socket(found->ai_family, found->ai_socktype);
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (socket.get() < 0 || ::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size) != 0) {
    return Fail(Code::kUnavailable, host + ": cannot listen here: " + std::generic_category().message(errno));
  }
  if (bound.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(bound).sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in&>(bound).sin_port);
}

bool IsLoopback(const std::string& host) {
  in_addr four{};
  in6_addr six{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> IN_CLASSA_NSHIFT) == IN_LOOPBACKNET;
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return host == "localhost";
}

bool IsServerName(std::string_view text) { return IsDnsName(text) || IsIpv6(std::string(text)); }

}  // namespace daicho::collector
