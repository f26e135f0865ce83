// TOML 1.0 by toml++ 3.3, kept from its undefined behaviour on bad input: toml_forward.h makes its assertions throw,
// ParseToml() shows it no character that it cannot stand. Include only in the .cc files that parse.
#pragma once

#include "common/toml_forward.h"  // before toml++ itself: it has its settings

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wterminate"  // assertions in noexcept functions end the process, as asserts do
#endif
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <string>
#include <string_view>

#include "common/error.h"

namespace daicho {

// `file` is the name for messages. An error has `code` and the message "file:line:column: what is wrong there".
Result<toml::table> ParseToml(std::string_view text, const std::string& file, Code code = Code::kInvalidArgument);

// "file:line:column: what"; line 1 for a node that stands nowhere.
std::string At(const std::string& file, const toml::source_region& place, const std::string& what);

}  // namespace daicho
