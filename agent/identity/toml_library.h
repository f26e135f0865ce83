// toml++ (TOML 1.0), header-only. Its exceptions end here. Include only in the .cc files that parse.
//
// Version 3.3 has undefined behaviour on bad input in two places, so that neither is reached here:
//   - it asserts what input can break ("[[= 1"), and in a release build tells the compiler to assume it: here its
//     assertions throw, in every build;
//   - a character that is not ASCII outside of strings and comments runs into an "unreachable" line: here it sees none.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "common/error.h"
#include "common/text.h"

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : throw std::logic_error("no key where one is expected"))
#define TOML_EXCEPTIONS 1
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wterminate"  // assertions in noexcept functions end the process, as asserts do
#endif
#include <toml++/toml.h>
#pragma GCC diagnostic pop
#pragma pop_macro("NDEBUG")

namespace daicho::agent {

// "FILE:LINE:COLUMN"
inline std::string TomlPlace(const std::string& file, const toml::source_region& region) {
  return file + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
}

// Each character that is not ASCII replaced by one '?', so that columns stay right.
inline std::string OnlyAscii(std::string_view text) {
  std::string ascii;
  ascii.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = static_cast<unsigned char>(text.front()) < 0x80 ? 1 : NextUtf8(text).size;
    ascii += size == 1 && static_cast<unsigned char>(text.front()) < 0x80 ? text.front() : '?';
    text.remove_prefix(size);
  }
  return ascii;
}

// Values that are not ASCII must be written with \u escapes (TomlString of config.h does); comments may hold anything.
// An error has `code`; its message is FILE:LINE:COLUMN and what is wrong there.
inline Result<toml::table> ParseToml(std::string_view text, const std::string& file, Code code) {
  try {
    return toml::parse(OnlyAscii(text));
  } catch (const toml::parse_error& error) {
    return Fail(code, TomlPlace(file, error.source()) + ": " + std::string(error.description()));
  } catch (const std::exception& error) {
    return Fail(code, file + ":1:1: not TOML: " + error.what());
  }
}

}  // namespace daicho::agent
