// toml++ (TOML 1.0), header-only and without exceptions: its parse errors come back as values. Include only in the .cc
// files that parse.
#pragma once

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

#include <string>

namespace daicho::agent {

// "FILE:LINE:COLUMN"
inline std::string TomlPlace(const std::string& file, const toml::source_region& region) {
  return file + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
}

}  // namespace daicho::agent
