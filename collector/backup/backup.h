// A collector in one file: `daicho-collector backup` and `restore`. The file has the authority's private key and
// people's names: mode 0600. Each is called from one thread; results go to standard output, advice to standard error.
#pragma once

#include <string>

#include "common/error.h"

namespace daicho::collector {

struct BackupOptions {
  std::string state;
  std::string file;
  bool force = false;  // replace a file that is there
  bool json = false;   // one JSON object a line
};

// Writes configuration, authority, admin profile and the SQLite ledger of one moment, also while the collector runs. A
// ledger on PostgreSQL is not in it: standard error says how that is saved. kAlreadyExists: the file is there, and not
// `force`; kResourceExhausted: no room for it, or for the copy of the ledger that is made beside it; kDataLoss: the
// ledger is damaged, and the file is written all the same.
Status Backup(const BackupOptions& options);

struct RestoreOptions {
  std::string state;
  std::string file;
  bool force = false;  // move a state that is there to STATE.before-restore-TIME
  bool json = false;
};

// Puts a backup into a state folder that is absent or empty. All is unpacked and proved (every digest, then
// Store::Verify and the counts of the manifest) in a folder beside it, which takes its place in one step: after an
// error the state is as it was. Where devices were in their conversation is forgotten (ForgetLinesWrite). Run by root,
// what is put there belongs to the owner of the folder that was there. kFailedPrecondition: the state is not empty, or
// a collector runs on it; kDataLoss: no backup, or damaged.
Status Restore(const RestoreOptions& options);

}  // namespace daicho::collector
