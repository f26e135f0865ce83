// The section "listeners": sockets of /proc/net and the programs that hold them (proc(5) PID/fd, PID/exe).
//
// UDP ports of the ephemeral range are left out: a client that waits for an answer looks just like a server there,
// and would come and go with every question it asks.
#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <unordered_map>

#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/proc_net.h"
#include "agent/sources/linux/small_files.h"
#include "agent/sources/section_builder.h"

namespace daicho::agent {

namespace {

constexpr std::array<std::string_view, 4> kProtocols = {"tcp", "tcp6", "udp", "udp6"};
constexpr std::uint32_t kDefaultEphemeralPort = 32768;  // ip(7)

std::uint32_t FirstEphemeralPort(const FileTree& files) {
  const std::string range = ReadLineOrEmpty(files, "/proc/sys/net/ipv4/ip_local_port_range");
  return ParseUint32(range.substr(0, range.find_first_of(" \t"))).value_or(kDefaultEphemeralPort);
}

// False: this system shows no sockets at all.
bool ReadSockets(const FileTree& files, std::vector<ListeningSocket>& sockets, SectionBuilder& section) {
  bool any = false;
  for (const std::string_view protocol : kProtocols) {
    const std::string path = "/proc/net/" + std::string(protocol);
    const auto text = files.Read(path, kMaxDatabaseBytes);
    any = any || text.has_value();
    if (text) {
      std::ranges::move(ParseProcNet(*text, protocol, path, section), std::back_inserter(sockets));
    } else if (text.error().code != Code::kNotFound) {  // not found: a kernel without IPv6
      section.AddIssue(path, std::nullopt, text.error().message);
      section.Partial(text.error().message);
    }
  }
  return any;
}

// "socket:[123]"; 0: another kind of link.
std::uint64_t SocketInode(std::string_view link) {
  constexpr std::string_view kPrefix = "socket:[";
  if (!link.starts_with(kPrefix) || !link.ends_with(']')) return 0;
  const auto inode = ParseInt64(link.substr(kPrefix.size(), link.size() - kPrefix.size() - 1));
  return inode && *inode > 0 ? static_cast<std::uint64_t>(*inode) : 0;
}

// Base name of the executable, also of one that an upgrade has replaced; the command's own name for want of it.
std::string Program(const FileTree& files, const std::string& process) {
  constexpr std::string_view kDeleted = " (deleted)";
  const auto link = files.ReadLink(process + "/exe");
  if (!link) return ReadLineOrEmpty(files, process + "/comm");
  std::string_view path = *link;
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return CleanText(path.substr(path.rfind('/') + 1));
}

std::vector<std::uint32_t> Processes(const FileTree& files) {
  std::vector<std::uint32_t> pids;
  if (const auto names = files.List("/proc")) {
    for (const std::string& name : *names) {
      if (const auto pid = ParseUint32(name)) pids.push_back(*pid);
    }
  }
  std::ranges::sort(pids);
  return pids;
}

using ProgramOf = std::unordered_map<std::uint64_t, std::string>;  // by inode

// Of several processes with the same socket the oldest counts, so that the answer stays the same while workers come and
// go. Ends as soon as every socket has its program.
void FindPrograms(const FileTree& files, ProgramOf& programs, SectionBuilder& section) {
  std::size_t missing = programs.size();
  bool reported = false;
  for (const std::uint32_t pid : Processes(files)) {
    if (missing == 0) return;
    const std::string process = "/proc/" + std::to_string(pid);
    const auto links = files.ReadLinks(process + "/fd");
    if (!links && links.error().code == Code::kPermissionDenied && !reported) {
      reported = true;
      section.AddIssue("/proc/PID/fd", std::nullopt,
                       "sockets of other users' processes cannot be seen: their program is not known; run as root");
    }
    if (!links) continue;
    std::string program;
    for (const std::string& link : *links) {
      const auto found = programs.find(SocketInode(link));
      if (found == programs.end() || !found->second.empty()) continue;
      if (program.empty()) program = Program(files, process);
      found->second = program;
      if (!program.empty()) --missing;
    }
  }
}

// Sockets that share a port (SO_REUSEPORT, and one per interface) are one row; of their programs the first by name.
void AddRows(const std::vector<ListeningSocket>& sockets, const ProgramOf& programs, SectionBuilder& section) {
  std::map<std::tuple<std::string_view, std::string, std::uint16_t>, std::pair<std::string, std::uint32_t>> rows;
  for (const ListeningSocket& socket : sockets) {
    const auto found = programs.find(socket.inode);
    const std::pair owner(found == programs.end() ? std::string() : found->second, socket.uid);
    const auto [row, is_new] = rows.try_emplace({socket.protocol, socket.address, socket.port}, owner);
    const bool better = owner.first.empty() == row->second.first.empty() ? owner < row->second : !owner.first.empty();
    if (!is_new && better) row->second = owner;
  }
  v1::Listener listener;
  for (const auto& [key, owner] : rows) {
    listener.Clear();
    listener.set_protocol(std::string(std::get<0>(key)));
    listener.set_address(std::get<1>(key));
    listener.set_port(std::get<2>(key));
    listener.set_program(owner.first);
    listener.set_uid(owner.second);
    section.AddRow(listener);
  }
}

}  // namespace

v1::Section CollectListeners(const SourceInput& input) {
  SectionBuilder section("listeners");
  std::vector<ListeningSocket> sockets;
  if (!ReadSockets(input.files, sockets, section)) {
    section.Failed("no /proc/net/tcp or /proc/net/udp below this root: not the running system");
    return section.Take();
  }
  const std::uint32_t ephemeral = FirstEphemeralPort(input.files);
  std::erase_if(sockets, [&](const ListeningSocket& socket) {
    return socket.protocol.starts_with("udp") && socket.port >= ephemeral;
  });
  ProgramOf programs;
  for (const ListeningSocket& socket : sockets) {
    if (socket.inode != 0) programs.try_emplace(socket.inode);
  }
  FindPrograms(input.files, programs, section);
  AddRows(sockets, programs, section);
  return section.Take();
}

}  // namespace daicho::agent
