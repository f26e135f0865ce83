// Version keys: bytes that sort (memcmp, a prefix first) in the packaging system's own order, so that "below 3.0.11"
// is an indexed comparison and a right one. Two versions that the packaging system calls equal have equal keys.
// Pure; thread-safe; accepts any bytes.
#pragma once

#include <string>
#include <string_view>

namespace daicho {

// Order of deb-version(7). What dpkg would not accept is split the same way: digits before a colon are the epoch, what
// follows the last hyphen is the revision.
std::string DpkgVersionKey(std::string_view version);

// Key for a package manager by name ("dpkg"). Managers whose order is not known get dpkg's order, which is total and
// sorts plain dotted numbers by value.
std::string VersionKey(std::string_view manager, std::string_view version);

}  // namespace daicho
