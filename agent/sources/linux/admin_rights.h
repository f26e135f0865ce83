// Who is root, or can become it: uid 0 and sudoers(5). Where sudoers cannot be read, the groups that distributions give
// root by it (sudo, wheel, admin) count, and nobody else's lack of rights is certain. Without a sudoers file no group
// gives anything.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/linux/passwd_file.h"
#include "agent/sources/linux/sudoers_reader.h"
#include "agent/sources/linux/sudoers_rights.h"

namespace daicho::agent {

class AdminRights {
 public:
  AdminRights(const FileTree& files, const PasswdFile& passwd, FileIssues& issues);
  AdminRights(const AdminRights&) = delete;
  AdminRights& operator=(const AdminRights&) = delete;

  // "uid 0", "group sudo", "sudoers /etc/sudoers:27"; empty: none known.
  std::vector<std::string> ForAccount(const PasswdEntry& account, std::span<const GroupId> groups) const;
  // Whether membership alone of groups that share a gid gives root: any of their names may be the one in sudoers.
  bool ForGroups(std::span<const GroupId> groups) const;

  // False: somebody without known rights may have some; reason() says why.
  bool complete() const {
    return files_.state == SudoersState::kNone || (files_.state == SudoersState::kWhole && rights_->complete());
  }
  const std::string& reason() const { return files_.reason; }

 private:
  SudoersFiles files_;
  std::optional<SudoersRights> rights_;
};

}  // namespace daicho::agent
