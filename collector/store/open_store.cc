#include "collector/store/open_store.h"

#include "collector/store/sqlite_store.h"

namespace daicho::collector {

Result<std::unique_ptr<Store>> OpenStore(const std::string& store, bool create) {
  return IsPostgresUrl(store) ? OpenPostgresStore(store, create) : OpenSqliteStore(store, {.create = create});
}

}  // namespace daicho::collector
