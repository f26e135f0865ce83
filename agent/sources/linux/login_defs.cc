#include "agent/sources/linux/login_defs.h"

#include <charconv>
#include <optional>

#include "common/text.h"

namespace daicho::agent {

namespace {

std::optional<std::uint32_t> ParseCNumber(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.starts_with('0')) {
    base = 8;
  }
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

HumanUids ParseLoginDefs(std::string_view text, FileIssues& issues) {
  HumanUids uids;
  std::string_view line;
  for (std::uint32_t number = 1; NextLine(text, line); ++number) {
    line = Trim(line);
    const auto name_end = line.find_first_of(" \t");
    const std::string_view name = line.substr(0, name_end);
    if (name != "UID_MIN" && name != "UID_MAX") continue;
    std::string_view value = name_end == std::string_view::npos ? "" : Trim(line.substr(name_end));
    value = value.substr(0, value.find_first_of(" \t"));
    if (const auto id = ParseCNumber(value)) {
      (name == "UID_MIN" ? uids.min : uids.max) = *id;
    } else {
      issues.AddLine(kLoginDefsPath, number, std::string(name) + " is not a number; the usual value is used");
    }
  }
  return uids;
}

}  // namespace daicho::agent
