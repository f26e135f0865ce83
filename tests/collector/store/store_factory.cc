#include "tests/collector/store/store_factory.h"

#include <stdlib.h>

#include <stdexcept>

#include "collector/store/sqlite_store.h"

namespace daicho::collector::testing {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "daicho_store_XXXXXX").string();
  if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

std::vector<StoreFactory> AllStoreFactories() {
  return {{"Sqlite", [](const TemporaryFolder& folder) {
             auto store = OpenSqliteStore(folder.File("ledger.db"), {.create = true});
             if (!store) throw std::runtime_error(store.error().message);
             return std::move(*store);
           }}};
}

}  // namespace daicho::collector::testing
