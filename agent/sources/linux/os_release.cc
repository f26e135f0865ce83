#include "agent/sources/linux/os_release.h"

#include <cstdint>
#include <optional>

#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr int kMaxIssuesPerFile = 20;

// The value as a shell would see it: 'as is', "with backslashes", or bare. nullopt: a quote that does not close, or
// text behind it.
std::optional<std::string> Unquote(std::string_view text) {
  const char quote = !text.empty() && (text.front() == '"' || text.front() == '\'') ? text.front() : '\0';
  if (quote != '\0') text.remove_prefix(1);
  std::string value;
  while (!text.empty() && (quote == '\0' || text.front() != quote)) {
    if (text.front() == '\\' && quote != '\'') {
      text.remove_prefix(1);
      if (text.empty()) return std::nullopt;
    }
    value += text.front();
    text.remove_prefix(1);
  }
  if (quote == '\0') return value;
  if (text.empty() || !Trim(text.substr(1)).empty()) return std::nullopt;
  return value;
}

std::string* Slot(OsRelease& release, std::string_view name) {
  if (name == "ID") return &release.id;
  if (name == "PRETTY_NAME") return &release.pretty_name;
  if (name == "VERSION_ID") return &release.version_id;
  if (name == "VERSION_CODENAME") return &release.version_codename;
  return nullptr;
}

}  // namespace

OsRelease ParseOsRelease(std::string_view text, std::string_view file, SectionBuilder& section) {
  OsRelease release;
  std::uint32_t number = 0;
  int issues = 0;
  std::string_view line;
  while (NextLine(text, line)) {
    ++number;
    line = Trim(line);
    if (line.empty() || line.front() == '#') continue;
    const auto equals = line.find('=');
    const auto value = equals == std::string_view::npos ? std::nullopt : Unquote(line.substr(equals + 1));
    if (!value) {
      if (++issues <= kMaxIssuesPerFile) section.AddIssue(file, number, "line is not NAME=value");
    } else if (std::string* slot = Slot(release, line.substr(0, equals)); slot != nullptr) {
      *slot = CleanText(*value);
    }
  }
  return release;
}

}  // namespace daicho::agent
