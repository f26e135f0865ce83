// `daicho-collector migrate-store`: when one machine is outgrown, its ledger goes to PostgreSQL. Called from one
// thread.
#pragma once

#include <string>

#include "common/error.h"

namespace daicho::collector {

struct MigrateOptions {
  std::string state;
  std::string to;  // PostgreSQL URL
  bool json = false;
};

// Copies the ledger, proves the copy (Store::Verify on both, the same counts), and names it in collector.toml. The
// SQLite file stays as it is; after an error collector.toml does too, and the database is empty again (but where only
// collector.toml could not be written, which the message says).
// kFailedPrecondition: the collector runs, the ledger is on PostgreSQL already, or the database is not empty.
Status MigrateStore(const MigrateOptions& options);

}  // namespace daicho::collector
