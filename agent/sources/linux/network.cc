// The section "network": /sys/class/net (Documentation/ABI/testing/sysfs-class-net of the kernel) and the addresses.
// Left out on purpose, because they change on a machine that nobody touched: carrier, speed, counters, and IPv6 privacy
// addresses (RFC 8981).
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "agent/sources/linux/if_inet6.h"
#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/small_files.h"
#include "agent/sources/section_builder.h"

namespace daicho::agent {

namespace {

constexpr std::string_view kFolder = "/sys/class/net";
constexpr std::string_view kInet6 = "/proc/net/if_inet6";
constexpr std::uint32_t kFlagUp = 1;  // IFF_UP of netdevice(7)

// Values of /sys/class/net/*/type: ARPHRD_* of linux/if_arp.h.
constexpr std::string_view kLoopbackType = "772";
constexpr std::string_view kTunnelTypes[] = {"512", "768", "769", "776", "778", "823", "65534"};

std::string DeviceType(const FileTree& files, const std::string& folder) {
  constexpr std::string_view kName = "DEVTYPE=";
  const auto text = files.Read(folder + "/uevent", kMaxLineFileBytes);
  if (!text) return "";
  std::string_view rest = *text;
  std::string_view line;
  while (NextLine(rest, line)) {
    if (line.starts_with(kName)) return std::string(line.substr(kName.size()));
  }
  return "";
}

std::string_view Kind(const FileTree& files, const std::string& folder, bool is_virtual) {
  const std::string type = ReadLineOrEmpty(files, folder + "/type");
  if (type == kLoopbackType) return "loopback";
  const std::string device = DeviceType(files, folder);
  if (device == "wlan" || files.Stat(folder + "/wireless")) return "wireless";
  if (device == "bridge" || device == "vlan" || device == "bond")
    return device == "bridge" ? "bridge" : device == "vlan" ? "vlan" : "bond";
  if (device == "wireguard" || device == "ppp" || std::ranges::find(kTunnelTypes, type) != std::end(kTunnelTypes)) {
    return "tunnel";
  }
  return is_virtual ? "virtual" : "ethernet";
}

// Interfaces that are no Ethernet show other things as their address (tunnels: an IP address).
bool IsMac(std::string_view text) {
  return text.size() == 17 && text.find_first_not_of("0123456789abcdef:") == std::string_view::npos &&
         text != "00:00:00:00:00:00";
}

std::optional<bool> IsUp(const FileTree& files, const std::string& folder) {
  const std::string text = ReadLineOrEmpty(files, folder + "/flags");
  if (!text.starts_with("0x")) return std::nullopt;
  std::uint32_t flags = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + text.size(), flags, 16);
  if (error != std::errc()) return std::nullopt;
  return (flags & kFlagUp) != 0;
}

v1::NetworkInterface ReadInterface(const FileTree& files, const std::string& name) {
  const std::string folder = std::string(kFolder) + "/" + name;
  v1::NetworkInterface row;
  row.set_name(CleanText(name));
  const bool is_virtual = !files.ReadLink(folder + "/device");
  row.set_virtual_(is_virtual);
  row.set_kind(std::string(Kind(files, folder, is_virtual)));
  if (const auto up = IsUp(files, folder)) row.set_up(*up);
  const std::string mac = ReadLineOrEmpty(files, folder + "/address");
  if (!IsMac(mac)) return row;
  row.set_mac(mac);
  if (const auto type = ParseUint32(ReadLineOrEmpty(files, folder + "/addr_assign_type"))) {
    row.set_mac_permanent(*type == 0);
  }
  return row;
}

// Name and address without prefix length of the IPv6 addresses that come and go by themselves.
std::set<InterfaceName> TemporaryAddresses(const FileTree& files, SectionBuilder& section) {
  const auto text = files.Read(kInet6, kMaxConfigBytes);
  if (!text) return {};  // a kernel without IPv6
  return ParseTemporaryAddresses(*text, kInet6, section);
}

// Every interface that sysfs knows, and those that only the addresses tell of.
std::map<std::string, v1::NetworkInterface> ReadInterfaces(const FileTree& files, SectionBuilder& section) {
  std::map<std::string, v1::NetworkInterface> rows;
  const auto names = files.List(kFolder);
  if (!names) {
    section.Partial(names.error().message);
    return rows;
  }
  for (const std::string& name : *names) {
    // bonding_masters is a file among the interfaces.
    const auto info = files.Stat(std::string(kFolder) + "/" + name);
    if (info && info->kind == FileKind::kFolder) rows[name] = ReadInterface(files, name);
  }
  return rows;
}

}  // namespace

v1::Section CollectNetwork(const SourceInput& input) {
  SectionBuilder section("network");
  const auto addresses = input.system.Addresses();
  if (!addresses && addresses.error().code == Code::kUnimplemented) {
    section.Failed("addresses of the interfaces: " + addresses.error().message);
    return section.Take();
  }
  auto rows = ReadInterfaces(input.files, section);
  if (!addresses) {
    section.AddIssue(kFolder, std::nullopt, addresses.error().message);
    section.Partial(addresses.error().message);
  } else {
    const auto temporary = TemporaryAddresses(input.files, section);
    for (const InterfaceAddress& entry : *addresses) {
      v1::NetworkInterface& row = rows[entry.interface];
      row.set_name(CleanText(entry.interface));
      const std::string bare = entry.address.substr(0, entry.address.find('/'));
      if (!temporary.contains({entry.interface, bare})) row.add_addresses(CleanText(entry.address));
    }
  }
  for (auto& [name, row] : rows) {
    std::ranges::sort(*row.mutable_addresses());
    section.AddRow(row);
  }
  return section.Take();
}

}  // namespace daicho::agent
