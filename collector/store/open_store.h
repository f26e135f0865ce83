// Which engine a ledger is on, by how it is named.
#pragma once

#include <memory>
#include <string>

#include "collector/store/postgres_store.h"
#include "collector/store/store.h"

namespace daicho::collector {

// `store`: a file's path (OpenSqliteStore) or a URL (OpenPostgresStore); errors are theirs.
Result<std::unique_ptr<Store>> OpenStore(const std::string& store, bool create = false);

// To be read, beside whoever writes it: nothing is made, migrated or locked.
Result<std::unique_ptr<Store>> OpenStoreToRead(const std::string& store);

}  // namespace daicho::collector
