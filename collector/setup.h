// The commands of daicho-collector that prepare: init, admin-credential, check-rules. Each is called from one thread.
#pragma once

#include <string>
#include <vector>

#include "collector/enrol/identity.h"
#include "collector/rules/rule_set.h"
#include "common/error.h"

namespace daicho::collector {

// InitOptions::store: a file of the state folder.
inline constexpr const char* kSqliteStore = "sqlite";

struct InitOptions {
  std::string state;
  std::string listen = "127.0.0.1:0";  // port 0: a free one is picked and kept
  std::string admin_listen = "127.0.0.1:0";
  std::vector<std::string> names;
  std::string store;  // kSqliteStore (the default) or a PostgreSQL URL; with `join`: that of the other one
  // State folder of another collector, or a backup of it: this one shares its authority and its PostgreSQL ledger.
  std::string join;
};

// Writes authority, first admin credential (STATE/admin), ledger and, last, STATE/collector.toml; prints what is where.
// kFailedPrecondition: STATE has a collector.toml, nothing is changed. An init that was interrupted is completed by
// calling it again.
Status Init(const InitOptions& options);

struct CredentialOptions {
  std::string state;
  std::string name;
  Role role = Role::kViewer;
  std::string folder;
};

// Writes profile.toml, key.pem (0600), certificate.pem and ca.pem into the folder. kAlreadyExists: it has a profile.
Status WriteCredential(const CredentialOptions& options);

// Loads every rule of `rules_folder` (empty: that of the share folder beside the binary) with the checklist of the
// folder `checklists` beside it, runs each SELECT and each rule's own cases (rule_check.h), and prints what is there.
// The first problem is the error: `file:line:column: what`, of the cases all that fail. kDataLoss: a SELECT or case
// fails; kInvalidArgument: a file says what it may not, or there is no such folder.
Status CheckRules(const std::string& rules_folder);

// The rules of a share folder with its one checklist edition. kFailedPrecondition: no edition there, or several.
Result<RuleSet> LoadShare(const std::string& share_folder, const RuleParameters& overrides);

}  // namespace daicho::collector
