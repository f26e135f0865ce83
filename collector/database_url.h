// A database's URL where people see it. Its form: libpq, "Connection URIs" (PostgreSQL documentation, 34.1.1.2). Pure,
// but for the warning; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace daicho::collector {

// Whether it can stand between quotes in TOML as it is: UTF-8, no control character, quote or backslash.
bool IsPlainUrl(std::string_view url);

// `url` without its passwords: that of the user, and the parameters `password` and `sslpassword`.
std::string WithoutPassword(std::string_view url);

// On standard error, if `url` has a password and now stands in `file`: who else can see it there, and where it belongs.
void WarnOfPassword(std::string_view url, std::string_view file);

}  // namespace daicho::collector
