// The ledger's store on PostgreSQL (>= 15): when one machine is outgrown, or the ledger has to outlive one. Several
// collectors may use one database at once.
//
// libpq is used directly behind postgres/connection.h and not through SOCI: its pipeline mode, binary values, notices
// (a commit that did not reach the standby is told by a warning only) and row-by-row results are what makes this store
// right and fast, and SOCI 4.0 passes none of them through.
#pragma once

#include <memory>
#include <string>

#include "collector/store/postgres/url.h"  // for those who name a store
#include "collector/store/store.h"

namespace daicho::collector {

// Opens the ledger in the database of `url` (postgresql://…; several hosts: the one that takes writes), migrating an
// older schema. `create`: makes it if there is none. kInvalidArgument: no such URL; kUnavailable: no server answers;
// kPermissionDenied: it refuses; kNotFound: no ledger there and not `create`; kFailedPrecondition: written by a newer
// Daicho, or the server is one that may lose what it acknowledged (fsync = off); kDataLoss: another program's tables.
Result<std::unique_ptr<Store>> OpenPostgresStore(const std::string& url, bool create = false);

// Opens a ledger to be read: nothing is made or migrated, and Commit() fails. Errors as above; kFailedPrecondition
// also: of an older Daicho.
Result<std::unique_ptr<Store>> OpenPostgresStoreToRead(const std::string& url);

}  // namespace daicho::collector
