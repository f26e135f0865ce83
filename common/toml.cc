#include "common/toml.h"

#include <algorithm>
#include <exception>

#include "common/text.h"
#include "common/toml_text.h"

namespace daicho {

namespace {

// Line and column (in characters) of the byte `at`.
toml::source_region PlaceOf(std::string_view text, std::size_t at) {
  const std::string_view before = text.substr(0, at);
  const auto line = before.rfind('\n');
  const std::string_view in_line = line == std::string_view::npos ? before : before.substr(line + 1);
  const auto is_character = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  toml::source_region place;
  place.begin.line = static_cast<toml::source_index>(std::count(before.begin(), before.end(), '\n') + 1);
  place.begin.column = static_cast<toml::source_index>(std::count_if(in_line.begin(), in_line.end(), is_character) + 1);
  return place;
}

}  // namespace

std::string At(const std::string& file, const toml::source_region& place, const std::string& what) {
  const auto line = std::max<toml::source_index>(place.begin.line, 1);
  const auto column = std::max<toml::source_index>(place.begin.column, 1);
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + what;
}

Result<toml::table> ParseToml(std::string_view text, const std::string& file, Code code) {
  if (const std::size_t stray = FindStrayCharacter(text); stray != std::string_view::npos) {
    return Fail(code,
                At(file, PlaceOf(text, stray), "a character that is not ASCII must stand in quotes or a comment"));
  }
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return Fail(code, At(file, error.source(), CleanText(error.description())));
  } catch (const std::exception& error) {
    return Fail(code, file + ":1:1: not TOML: " + error.what());
  }
}

}  // namespace daicho
