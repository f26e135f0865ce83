#include "agent/collect/system_views.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <tuple>

namespace daicho::agent {

namespace {

template <std::size_t N>
int PrefixLength(const unsigned char (&mask)[N]) {
  int bits = 0;
  for (const unsigned char byte : mask) bits += std::popcount(byte);
  return bits;
}

// CIDR; empty: neither IPv4 nor IPv6. The structures are copied because a sockaddr does not promise their alignment.
std::string Cidr(const ifaddrs& entry) {
  if (entry.ifa_addr == nullptr || entry.ifa_netmask == nullptr) return "";
  char text[INET6_ADDRSTRLEN] = "";
  int prefix = 0;
  if (entry.ifa_addr->sa_family == AF_INET) {
    sockaddr_in address{};
    sockaddr_in mask{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    std::memcpy(&mask, entry.ifa_netmask, sizeof mask);
    unsigned char bytes[4];
    std::memcpy(bytes, &mask.sin_addr, sizeof bytes);
    ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
    prefix = PrefixLength(bytes);
  } else if (entry.ifa_addr->sa_family == AF_INET6) {
    sockaddr_in6 address{};
    sockaddr_in6 mask{};
    std::memcpy(&address, entry.ifa_addr, sizeof address);
    std::memcpy(&mask, entry.ifa_netmask, sizeof mask);
    ::inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
    prefix = PrefixLength(mask.sin6_addr.s6_addr);
  } else {
    return "";
  }
  return std::string(text) + "/" + std::to_string(prefix);
}

}  // namespace

Result<std::vector<InterfaceAddress>> LiveSystem::Addresses() const {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return Fail(Code::kInternal, "addresses of the interfaces: " + std::generic_category().message(errno));
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(first, ::freeifaddrs);
  std::vector<InterfaceAddress> addresses;
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    std::string cidr = Cidr(*entry);
    if (cidr.empty()) continue;
    const std::string_view label(entry->ifa_name);
    addresses.push_back({std::string(label.substr(0, label.find(':'))), std::move(cidr)});
  }
  std::ranges::sort(addresses, {}, [](const InterfaceAddress& a) { return std::tie(a.interface, a.address); });
  return addresses;
}

Result<std::vector<InterfaceAddress>> NoSystem::Addresses() const {
  return Fail(Code::kUnimplemented, "the root inspected is not the running system");
}

}  // namespace daicho::agent
