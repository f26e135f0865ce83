// The URL that names a PostgreSQL ledger, and what of it people may see. Its form: libpq, "Connection URIs" (PostgreSQL
// documentation, 34.1.1.2). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"

namespace daicho::collector {

// True for what OpenPostgresStore takes, as opposed to a file's path.
bool IsPostgresUrl(std::string_view store);

// kInvalidArgument: not a URL that libpq and a TOML string take for the same thing, so that it could be neither kept in
// a configuration nor shown without its password. The message says what to write instead, and has nothing of the URL in
// it.
Status CheckPostgresUrl(std::string_view url);

// `url` without its passwords: that of the user, and the parameters `password` and `sslpassword`.
std::string WithoutPassword(std::string_view url);

// What to print (a line) when `url` comes to stand in `file`: who can see its password there, and where it belongs.
// Empty: it has none.
std::string PasswordWarning(std::string_view url, std::string_view file);

}  // namespace daicho::collector
