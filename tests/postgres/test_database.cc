#include "tests/postgres/test_database.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace daicho::testing_postgres {

namespace {

std::string UrlIn(const std::string& file) {
  std::ifstream stream(file);
  std::string url;
  std::getline(stream, url);
  return url;
}

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

std::string RunOn(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace

TestDatabase::TestDatabase() {
  static std::atomic<int> count = 0;
  name_ = "t" + std::to_string(::getpid()) + "_" + std::to_string(++count);
  RunOn(ServerUrl(), "CREATE DATABASE " + name_);
  url_ = ServerUrl();
  url_.replace(url_.find("/postgres?"), 10, "/" + name_ + "?");
}

TestDatabase::~TestDatabase() {
  try {
    RunOn(ServerUrl(), "DROP DATABASE " + name_ + " WITH (FORCE)");
  } catch (const std::exception&) {  // a test that broke the server has said so
  }
}

void TestDatabase::Run(const std::string& sql) const { RunOn(url_, sql); }
std::string TestDatabase::Ask(const std::string& sql) const { return RunOn(url_, sql); }

}  // namespace daicho::testing_postgres
