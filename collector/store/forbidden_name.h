// Which names a statement of somebody who asks may have. Pure; thread-safe.
#pragma once

#include <set>
#include <span>
#include <string>

#include "collector/store/sql_tokens.h"

namespace daicho::collector {

using SqlNames = std::set<std::string, std::less<>>;

// What is wrong with the names of a statement; empty: nothing.
// A WITH table may not have a view's name: SQLite tells an authorizer only the name of the view that reads a base
// table, and the WITH table would pass for the view. And what is not a view may not be named at all. Names in lower
// case.
std::string FindForbiddenName(std::span<const SqlToken> tokens, const SqlNames& views, const SqlNames& own_tables);

}  // namespace daicho::collector
