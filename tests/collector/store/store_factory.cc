#include "tests/collector/store/store_factory.h"

#include <sqlite3.h>

#include <cstdlib>
#include <stdexcept>

#include "collector/store/postgres_store.h"
#include "collector/store/sqlite_store.h"
#include "tests/postgres/test_database.h"
#include "tests/temporary_folder.h"

namespace daicho::collector::testing {

namespace {

std::unique_ptr<Store> OrThrow(Result<std::unique_ptr<Store>> store) {
  if (!store) throw std::runtime_error(store.error().message);
  return std::move(*store);
}

class SqlitePlace final : public StorePlace {
 public:
  std::unique_ptr<Store> Open() override {
    return OrThrow(OpenSqliteStore(folder_.File("ledger.db"), {.create = true}));
  }
  void Tamper(const std::string& sql) override {
    sqlite3* db = nullptr;
    sqlite3_open(folder_.File("ledger.db").c_str(), &db);
    const int result = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
    const std::string words = sqlite3_errmsg(db);
    sqlite3_close(db);
    if (result != SQLITE_OK) throw std::runtime_error(sql + ": " + words);
  }

 private:
  const TemporaryFolder folder_;
};

class PostgresPlace final : public StorePlace {
 public:
  std::unique_ptr<Store> Open() override { return OrThrow(OpenPostgresStore(database_.url(), true)); }
  void Tamper(const std::string& sql) override { database_.Run("SET search_path = daicho; " + sql); }

 private:
  const testing_postgres::TestDatabase database_;
};

}  // namespace

std::vector<StoreFactory> AllStoreFactories() {
  return {{"Sqlite", [] { return std::make_unique<SqlitePlace>(); }},
          {"Postgres", [] { return std::make_unique<PostgresPlace>(); }}};
}

std::unique_ptr<StorePlace> PlaceOfEnvironment() {
  const char* store = std::getenv("DAICHO_TEST_STORE");
  if (store != nullptr && std::string_view(store) == "postgres") return std::make_unique<PostgresPlace>();
  return std::make_unique<SqlitePlace>();
}

}  // namespace daicho::collector::testing
