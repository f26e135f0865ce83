// /etc/sudoers with everything it includes, sudoers(5). Relative paths start at the folder of the including file, "%h"
// is the host name, and of an included folder the files count whose name has no "." and does not end in "~", in
// order of their bytes. Reads through FileTree only.
#pragma once

#include <string_view>

#include "agent/sources/linux/file_issues.h"
#include "agent/sources/linux/sudoers_parser.h"
#include "agent/sources/source.h"

namespace daicho::agent {

inline constexpr std::string_view kSudoersPath = "/etc/sudoers";

enum class SudoersState {
  kNone,        // no such file: sudo gives nobody anything
  kWhole,       // malformed lines are issues; sudo passes over them too
  kPart,        // an included file could not be read: somebody may have rights that are not known
  kUnreadable,  // /etc/sudoers itself could not be read
};

struct SudoersFiles {
  SudoersState state = SudoersState::kNone;
  std::string reason;  // of kPart and kUnreadable: path and error
  Sudoers sudoers;
};

// A file that includes itself is read once a chain. At most 256 files, at most 32 deep. `hostname` may be empty
// (unknown).
SudoersFiles ReadSudoers(const FileTree& files, std::string_view hostname, FileIssues& issues);

}  // namespace daicho::agent
