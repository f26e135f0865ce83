// What a child may do, taken away for good before it becomes its program (DESIGN §4): the collection reads everything
// and has no network, the uplink has the network and reads nothing but what a TLS client needs. seccomp(2),
// landlock(7), capabilities(7).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/unique_fd.h"
#include "common/error.h"

namespace daicho::agent {

struct Sandbox {
  // No sockets of any kind, and no way to another process's: EPERM. Left is the kernel's own list of interfaces and
  // addresses (rtnetlink(7)), which getifaddrs(3) asks for; to change it takes a capability.
  bool no_network = false;
  std::uint64_t capabilities = ~std::uint64_t{0};  // bits by their numbers; no others, also after exec and as root
  // Only these files and what is below these folders; nothing else can be opened: EACCES. Kernels without Landlock
  // (before 5.13) leave it to the modes of the files.
  bool confine_files = false;
  std::vector<std::string> readable;  // paths; those that do not exist are left out
  std::vector<std::string> runnable;  // read and executed
  std::vector<std::string> writable;  // read and written
};

// Of the capabilities only those to read what belongs to others: files, and the programs behind ports.
Sandbox CollectionSandbox();

// `program`: the uplink itself. `state_folder` is writable, `file` readable; either may be empty. They may lie in the
// private folder of another user (a home, the collector's state), which root cannot enter without a capability: that
// one is left, and the uplink has to give it up (GiveUpCapabilities) when it is there.
Sandbox UplinkSandbox(const std::string& program, const std::string& state_folder, const std::string& file);

// True where the kernel has Landlock, so that confine_files holds.
bool CanConfineFiles();

// Opens what EnterSandbox needs. Not a file: nothing to open, or no Landlock. kInternal: the kernel refuses.
Result<UniqueFd> PrepareSandbox(const Sandbox& sandbox);

// In the child, after no_new_privs; async-signal-safe. False: the system refuses (errno).
bool EnterSandbox(const Sandbox& sandbox, int prepared);

// The calling thread, and those it starts, have no capabilities from here on. kInternal: the kernel refuses.
Status GiveUpCapabilities();

// The calling process cannot start other programs from here on. kInternal: the kernel refuses.
Status ForbidOtherPrograms();

}  // namespace daicho::agent
