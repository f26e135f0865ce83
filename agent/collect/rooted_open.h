// Opens paths below a root folder; symbolic links, absolute ones and ".." included, are resolved as if the root were
// "/" (openat2(2) RESOLVE_IN_ROOT), so nothing outside it can be reached. Not a magic link of proc(5) either.
#pragma once

#include <string>

#include "agent/unique_fd.h"

namespace daicho::agent {

enum class Resolver {
  kKernel,  // openat2(2), Linux 5.6
  kWalk,    // one component after the other; for older kernels and for filters that do not know openat2
};

// kKernel if this kernel has openat2 and lets us call it.
Resolver BestResolver();

// `flags` are those of open(2); O_CLOEXEC and O_NOCTTY are added. O_NOFOLLOW concerns the last component only. On
// failure the descriptor is not ok() and errno says why: ELOOP for links in a circle and for magic links.
UniqueFd OpenInRoot(int root, const std::string& path, int flags, Resolver resolver);

}  // namespace daicho::agent
