// Names of accounts and groups as text. passwd(5) and group(5) hold bytes; a row's key must be UTF-8, and two names
// that differ must stay two.
#pragma once

#include <string>
#include <string_view>

namespace daicho::agent {

// `name` with every byte that is not UTF-8 and every control character written as \xHH, and the backslash of a "\x" as
// \x5c, so that different names have different texts. Names in UTF-8 stay as they are.
std::string EscapedName(std::string_view name);

}  // namespace daicho::agent
