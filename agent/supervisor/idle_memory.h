// Gives back what a resident process does not need while it sleeps.
#pragma once

namespace daicho::agent {

// Returns free heap pages, and takes the pages of program code out of this process; the kernel maps those it needs
// again from the page cache at the next use. Not async-signal-safe.
void ReleaseIdleMemory();

}  // namespace daicho::agent
