#include "tests/postgres/test_database.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>

#include "tests/postgres/sql.h"

namespace daicho::testing_postgres {

namespace {

// The test run's server or, where a test is run by itself, one that goes with this process.
const std::string& ServerUrl() {
  static const std::string file = "/tmp/daicho_pg_" + std::to_string(::getpid()) + ".url";
  static const std::string url = [] {
    std::string shared = UrlIn(DAICHO_POSTGRES_URL_FILE);
    if (!shared.empty() && PQping(shared.c_str()) == PQPING_OK) return shared;
    const std::string start = std::string(DAICHO_SOURCE "/tests/postgres/server start ") + file;
    if (std::system(start.c_str()) != 0) throw std::runtime_error("no PostgreSQL server can be started");
    std::atexit([] {
      const std::string stop = DAICHO_SOURCE "/tests/postgres/server stop " + file;
      if (std::system(stop.c_str()) != 0) std::abort();
    });
    return UrlIn(file);
  }();
  return url;
}

}  // namespace

TestDatabase::TestDatabase(const std::string& options) {
  static std::atomic<int> count = 0;
  name_ = "t" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  RunSql(ServerUrl(), "CREATE DATABASE " + name_ + " " + options);
  url_ = ServerUrl();
  url_.replace(url_.find("/postgres?"), 10, "/" + name_ + "?");
}

TestDatabase::~TestDatabase() {
  try {
    RunSql(ServerUrl(), "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {  // a test that broke the server has said so
  }
}

void TestDatabase::Run(const std::string& sql) const { RunSql(url_, sql); }
std::string TestDatabase::Ask(const std::string& sql) const { return RunSql(url_, sql); }

}  // namespace daicho::testing_postgres
