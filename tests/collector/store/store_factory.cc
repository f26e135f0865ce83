#include "tests/collector/store/store_factory.h"

#include <stdexcept>

#include "collector/store/sqlite_store.h"

namespace daicho::collector::testing {

std::vector<StoreFactory> AllStoreFactories() {
  return {{"Sqlite", [](const TemporaryFolder& folder) {
             auto store = OpenSqliteStore(folder.File("ledger.db"), {.create = true});
             if (!store) throw std::runtime_error(store.error().message);
             return std::move(*store);
           }}};
}

}  // namespace daicho::collector::testing
