// Any bytes as the files of /proc/net: never more sockets than lines, every address is one that inet_pton(3) reads,
// rows have unique keys, and an OK section has no line that was passed over silently.
#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "agent/sources/linux/if_inet6.h"
#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/linux/proc_net.h"
#include "common/sections.h"
#include "tests/agent/fake_tree.h"

namespace {

using namespace daicho;         // NOLINT(google-build-using-namespace)
using namespace daicho::agent;  // NOLINT(google-build-using-namespace)

void Require(bool condition) {
  if (!condition) std::abort();
}

bool IsAddress(const std::string& text, int family) {
  unsigned char bytes[16];
  return ::inet_pton(family, text.c_str(), bytes) == 1;
}

void CheckSockets(std::string_view text, std::string_view protocol) {
  SectionBuilder builder("listeners");
  const auto sockets = ParseProcNet(text, protocol, "file", builder);
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  Require(sockets.size() < lines);
  for (const ListeningSocket& socket : sockets) {
    Require(IsAddress(socket.address, protocol.ends_with('6') ? AF_INET6 : AF_INET));
  }
  const v1::Section section = builder.Take();
  Require((section.status() == v1::OK) == (section.issues_size() == 0));
}

void CheckRows(const std::string& text) {
  FakeTree files;
  files.File("/proc/net/tcp", text).File("/proc/net/udp6", text);
  const FakeSystem system;
  const v1::Section section = CollectListeners({files, system, 0});
  std::set<std::string> keys;
  for (const std::string& bytes : section.rows()) {
    v1::Listener row;
    Require(row.ParseFromString(bytes));
    Require(keys.insert(RowKey(*FindSection("listeners"), row)).second);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const char* protocol : {"tcp", "tcp6", "udp", "udp6"}) CheckSockets(text, protocol);
  CheckRows(text);
  SectionBuilder builder("network");
  for (const auto& [name, address] : ParseTemporaryAddresses(text, "file", builder)) {
    Require(!name.empty() && IsAddress(address, AF_INET6));
  }
  return 0;
}
