// Whether somebody can log in by key, sshd(8) AUTHORIZED_KEYS FILE FORMAT. Only the default places are looked at
// (~/.ssh/authorized_keys, ~/.ssh/authorized_keys2); AuthorizedKeysFile of sshd_config(5) is not followed.
#pragma once

#include <optional>
#include <string_view>

#include "agent/sources/linux/file_issues.h"
#include "agent/sources/source.h"

namespace daicho::agent {

// True if one of the files has a line that is neither blank nor a comment. Absent: a file is there and cannot be read
// (an issue).
std::optional<bool> HasAuthorizedKeys(const FileTree& files, std::string_view home, FileIssues& issues);

}  // namespace daicho::agent
