// Version keys: bytes that sort (memcmp, a prefix first) in the packaging system's own order, so that "below 3.0.11"
// is an indexed comparison and a right one. Two versions that the packaging system calls equal have equal keys.
// Pure; thread-safe; accepts any bytes: what dpkg would not accept is split the same way, digits before a colon are the
// epoch, what follows the last hyphen is the revision.
#pragma once

#include <string>
#include <string_view>

namespace daicho {

// Key for a package manager by name ("dpkg": deb-version(7)). Managers whose order is not known get dpkg's order, which
// is total and sorts plain dotted numbers by value.
std::string VersionKey(std::string_view manager, std::string_view version);

}  // namespace daicho
