// The ledger's store on SQLite 3 (>= 3.38, WAL): the default, for one collector on one machine.
//
// The sqlite3 C API is used directly behind sqlite/connection.h and not through SOCI: the store needs a table-valued
// function (software_set_items), an authorizer and a progress handler (Select on foreign SQL), and true column types;
// SOCI 4.0 passes none of them through.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "collector/store/store.h"

namespace daicho::collector {

struct OpenOptions {
  bool create = false;  // create the file (mode 0600) if there is none
  bool check = true;    // look for damage first (PRAGMA quick_check: about 0.3 s for 100 MB)
  // Nothing is written, migrated or locked, and Commit() fails: a ledger beside the collector that has it, on a medium
  // that takes no writes, or one that is damaged. kFailedPrecondition also: of an older Daicho. Damage that the engine
  // meets at once is kDataLoss, all other is for Verify() to find.
  bool read_only = false;
};

// Opens the store at `path`, migrating an older schema. The file is the caller's alone: mode 0600.
// kNotFound: no file and not `create`; kPermissionDenied: cannot be read or written; kFailedPrecondition: written by a
// newer Daicho; kDataLoss: not a store of Daicho, or damaged; kUnavailable: locked by another process.
Result<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path, const OpenOptions& options = {});

// Writes the ledger of one moment to the new file `into` (0600), while whoever has it goes on reading and writing; it
// is not flushed to the disk. kResourceExhausted: no room for it; other errors as OpenSqliteStore with read_only, but
// for a ledger of an older Daicho, which is copied as it is.
Status CopySqliteStore(const std::string& path, const std::string& into);

struct LedgerCounts {
  std::int64_t schema = 0;
  std::int64_t devices = 0;
  std::int64_t section_rows = 0;  // held now
  std::int64_t journal_entries = 0;

  bool operator==(const LedgerCounts&) const = default;
};
// What is in a ledger that nobody has open, of any schema. kDataLoss: no ledger of Daicho, or damaged.
Result<LedgerCounts> CountSqliteStore(const std::string& path);

}  // namespace daicho::collector
