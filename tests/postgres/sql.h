// SQL on a PostgreSQL server, as another program would run it.
#pragma once

#include <string>

namespace daicho::testing_postgres {

// Runs statements on a session of their own; the first value of what the last one gives, as text. Throws
// std::runtime_error with the server's words.
std::string RunSql(const std::string& url, const std::string& sql);

// The URL that tests/postgres/server wrote to the file; empty: none.
std::string UrlIn(const std::string& file);

}  // namespace daicho::testing_postgres
