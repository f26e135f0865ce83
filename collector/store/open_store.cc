#include "collector/store/open_store.h"

#include "collector/store/sqlite_store.h"

namespace daicho::collector {

Result<std::unique_ptr<Store>> OpenStore(const std::string& store, bool create) {
  return IsPostgresUrl(store) ? OpenPostgresStore(store, create) : OpenSqliteStore(store, {.create = create});
}

Result<std::unique_ptr<Store>> OpenStoreToRead(const std::string& store) {
  return IsPostgresUrl(store) ? OpenPostgresStoreToRead(store) : OpenSqliteStore(store, {.read_only = true});
}

}  // namespace daicho::collector
