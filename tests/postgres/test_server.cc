#include "tests/postgres/test_server.h"

#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "tests/postgres/sql.h"

namespace daicho::testing_postgres {

TestServer::~TestServer() {
  try {
    Do("stop");
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
}

std::string TestServer::url() const { return UrlIn(file_); }

std::string TestServer::host() const {
  const std::string whole = url();
  return whole.substr(whole.find("host=") + 5);
}

std::string TestServer::Ask(const std::string& sql) const { return RunSql(url(), sql); }

void TestServer::Do(const std::string& action, const std::string& more) const {
  const std::string command = DAICHO_SOURCE "/tests/postgres/server " + action + " " + file_ + " " + more;
  if (std::system(command.c_str()) != 0) throw std::runtime_error("failed: " + command);
}

}  // namespace daicho::testing_postgres
