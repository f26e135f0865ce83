// Tries what the arguments name, one after the other, and prints how each ended: what a child of the agent may do.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>

#include "agent/collect/system_views.h"
#include "agent/supervisor/sandbox.h"

namespace {

std::string Socket(int family, int type, int protocol = 0) {
  return ::socket(family, type, protocol) >= 0 ? "open" : std::strerror(errno);
}

std::string Addresses() {
  const auto addresses = daicho::agent::LiveSystem().Addresses();
  if (!addresses) return addresses.error().message;
  return addresses->empty() ? "none" : "some";
}

std::string Open(const char* path, int flags) {
  return ::open(path, flags | O_CLOEXEC, 0600) >= 0 ? "open" : std::strerror(errno);
}

std::string Capabilities() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("CapEff:") || line.starts_with("CapPrm:")) {
      if (line.find_first_not_of("0", line.find('\t') + 1) != line.npos) return line;
    }
  }
  return status.eof() ? "none" : "unknown";
}

std::string Exec() {
  if (const auto forbidden = daicho::agent::ForbidOtherPrograms(); !forbidden) return forbidden.error().message;
  ::execl("/bin/true", "true", nullptr);
  return std::strerror(errno);
}

std::string Try(const std::string& what) {
  if (what == "inet") return Socket(AF_INET, SOCK_STREAM);
  if (what == "inet6") return Socket(AF_INET6, SOCK_DGRAM);
  if (what == "packet") return Socket(AF_PACKET, SOCK_RAW);
  if (what == "unix") return Socket(AF_UNIX, SOCK_STREAM);
  if (what.starts_with("netlink:")) return Socket(AF_NETLINK, SOCK_RAW, std::stoi(what.substr(8)));
  if (what == "addresses") return Addresses();
  if (what == "io_uring") return ::syscall(__NR_io_uring_setup, 1, nullptr) >= 0 ? "open" : std::strerror(errno);
  if (what == "capabilities") return Capabilities();
  if (what == "give up") return daicho::agent::GiveUpCapabilities() ? "given up" : "kept";
  if (what == "exec") return Exec();
  if (what.starts_with("write:")) return Open(what.c_str() + 6, O_WRONLY | O_CREAT | O_TRUNC);
  return Open(what.c_str(), O_RDONLY);
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) std::cout << Try(argv[i]) << "\n";
}
