#include "tests/postgres/sql.h"

#include <libpq-fe.h>

#include <fstream>
#include <memory>
#include <stdexcept>

namespace daicho::testing_postgres {

std::string UrlIn(const std::string& file) {
  std::ifstream stream(file);
  std::string url;
  std::getline(stream, url);
  return url;
}

std::string RunSql(const std::string& url, const std::string& sql) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdb(url.c_str()), PQfinish);
  const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(sql + ": " + PQerrorMessage(connection.get()));
  }
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace daicho::testing_postgres
