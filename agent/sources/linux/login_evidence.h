// When somebody last used each account, and since when the records would have shown it.
//
// Sources: wtmp with its rotated files (wtmp_family.h) and utmp, which name the account, and lastlog, which knows
// only its uid. Any USER_PROCESS record proves use, wherever it is found. That there is none proves something only as
// far as the records reach back without a gap, and in doubt they reach back less, never more:
//
//   wtmp       from its oldest record on. If the oldest file came into being before its first record, from its birth:
//              nobody was recorded between. Files without any record prove nothing, since nothing shows that logins are
//              written to them. Rotated files join on while their names show no hole. A file that cannot be read, is
//              cut or damaged, or holds a login at an impossible time (the clock was wrong, so when it was is not
//              known) ends the reach: what is after the damage counts.
//   lastlog    from its birth on, if that is known and any local account has an entry: it keeps the last login of every
//   uid. A
//              copy or a restored backup is born late, which errs towards "unknown". Not every way in writes lastlog
//              (some display managers do not), so it counts only if each use that wtmp shows since its birth is in
//              it too. Never for
//              a uid that several names share: whose login it was is not known, so it is nobody's last use, and
//              absence is proved only after it.
//   wtmpdb     records logins instead of wtmp on newer systems (Debian 13). It is not read; where it exists, wtmp
//              proves no absence.
//
// Names over 32 bytes do not fit into utmp(5): nothing can be said about them from wtmp. Reads through FileTree only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/linux/file_issues.h"
#include "agent/sources/source.h"

namespace daicho::agent {

struct LoginName {
  std::string_view name;
  std::uint32_t uid = 0;
};

struct AccountUse {
  std::optional<UnixTime> last_at;         // absent: no use seen
  std::string source;                      // base name of the file: "wtmp.2.gz"
  std::string from;                        // remote host or terminal
  std::optional<UnixTime> evidence_since;  // absent: no use seen proves nothing
};

// One element for each of `accounts`, in their order. A name that stands twice belongs to its first account.
std::vector<AccountUse> ReadLoginEvidence(const FileTree& files, std::span<const LoginName> accounts, UnixTime now,
                                          FileIssues& issues);

}  // namespace daicho::agent
