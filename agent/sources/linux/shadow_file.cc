#include "agent/sources/linux/shadow_file.h"

#include <utility>

#include "agent/sources/linux/colon_lines.h"
#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr std::size_t kFields = 9;
constexpr std::int64_t kMaxDays = 100'000'000;  // far beyond every calendar, far below an overflow in seconds

// False: not a number of days.
bool ParseDays(std::string_view field, std::optional<std::int64_t>& days) {
  if (field.empty()) return true;
  const auto value = ParseInt64(field);
  if (!value || *value > kMaxDays || *value < -kMaxDays) return false;
  if (*value >= 0) days = value;
  return true;
}

ShadowEntry Unreadable() {
  ShadowEntry entry;
  entry.readable = false;
  return entry;
}

ShadowEntry ToEntry(const ColonLine& line) {
  if (line.fields.size() < 2) return Unreadable();
  ShadowEntry entry;
  entry.password = ClassifyPassword(line.fields[1]);
  std::optional<std::int64_t> unused;
  std::optional<std::int64_t>* const days[] = {&entry.changed,  &unused,        &entry.max, &unused,
                                               &entry.inactive, &entry.expires, &unused};
  for (std::size_t i = 2; i < line.fields.size() && i < kFields; ++i) {
    if (!ParseDays(line.fields[i], *days[i - 2])) entry.readable = false;
  }
  return entry;
}

}  // namespace

ShadowFile ParseShadow(std::string_view text, FileIssues& issues) {
  ShadowFile file;
  ColonLines lines(kShadowPath, text, issues);
  ColonLine line;
  while (lines.Next(line)) {
    const auto complain = [&](std::string message) { issues.AddLine(kShadowPath, line.number, std::move(message)); };
    if (line.fields.size() < kFields && line.unterminated) {
      complain("the file ends within this line; it is not used");
      file.cut = true;
      file.entries.try_emplace(std::string(line.fields[0]), Unreadable());
      continue;
    }
    const ShadowEntry entry = ToEntry(line);
    if (!entry.readable) complain("malformed line; mend it with vipw -s");
    if (!file.entries.try_emplace(std::string(line.fields[0]), entry).second) {
      complain("the same name stands on an earlier line, which counts");
    }
  }
  return file;
}

bool IsExpired(const ShadowEntry& entry, UnixTime now) {
  const std::int64_t today = now / kSecondsPerDay;
  if (entry.expires && today >= *entry.expires) return true;
  if (!entry.changed || *entry.changed == 0 || !entry.max || !entry.inactive) return false;
  return today - *entry.changed > *entry.max + *entry.inactive;
}

}  // namespace daicho::agent
