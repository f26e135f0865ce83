// A database for one test on the PostgreSQL server that the test run shares (tests/postgres/server).
#pragma once

#include <string>

namespace daicho::testing_postgres {

class TestDatabase {
 public:
  // Starts a server for this process if the test run has none. `options` of CREATE DATABASE. Throws std::runtime_error
  // if there can be none.
  explicit TestDatabase(const std::string& options = "");
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& url() const { return url_; }
  // Runs SQL on it, as another program would. Throws with the server's words.
  void Run(const std::string& sql) const;
  // The one value of a SELECT, as text.
  std::string Ask(const std::string& sql) const;

 private:
  std::string name_;
  std::string url_;
};

}  // namespace daicho::testing_postgres
