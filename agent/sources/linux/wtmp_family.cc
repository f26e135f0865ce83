#include "agent/sources/linux/wtmp_family.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <tuple>

#include "common/text.h"

namespace daicho::agent {

namespace {

constexpr std::string_view kBase = "wtmp";

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// YYYYMMDD, with what a finer dateformat adds ("-HHMMSS", "-1").
std::optional<std::int64_t> ParseDay(std::string_view text) {
  if (text.size() < 8 || !IsDigits(text.substr(0, 8))) return std::nullopt;
  if (text.size() > 8 && (text[8] != '-' || !IsDigits(text.substr(9)))) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) { return *ParseUint32(text.substr(at, size)); };
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(0, 4))),
                                         std::chrono::month(number(4, 2)), std::chrono::day(number(6, 2))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

auto NameOrder(const WtmpName& name) {
  constexpr auto kNone = std::numeric_limits<std::int64_t>::min();
  // Dates come last and downwards; of the same file, the uncompressed first.
  return std::tuple(name.day.has_value(), name.number ? std::int64_t{*name.number} : kNone, -name.day.value_or(0),
                    name.compression != Compression::kNone, std::string_view(name.name));
}

// Shortest time between two neighbouring dates, in days; 0 if there are not two.
std::int64_t ShortestStep(const std::vector<WtmpFile>& files) {
  std::int64_t shortest = 0;
  std::optional<std::int64_t> previous;
  for (const WtmpFile& file : files) {
    if (!file.name.day) continue;
    const std::int64_t step = previous ? *previous - *file.name.day : 0;
    if (step > 0 && (shortest == 0 || step < shortest)) shortest = step;
    previous = file.name.day;
  }
  return shortest;
}

}  // namespace

std::optional<WtmpName> ParseWtmpName(std::string_view name) {
  if (!name.starts_with(kBase)) return std::nullopt;
  WtmpName result;
  result.name = name;
  result.compression = CompressionOf(name);
  if (result.compression != Compression::kNone) name = name.substr(0, name.rfind('.'));
  result.stem = name;
  const std::string_view rest = name.substr(kBase.size());
  if (rest.empty()) return result.compression == Compression::kNone ? std::optional(result) : std::nullopt;
  if (rest[0] == '.') {
    if (!IsDigits(rest.substr(1))) return std::nullopt;
    result.number = ParseUint32(rest.substr(1));
    return result.number ? std::optional(result) : std::nullopt;
  }
  if (rest[0] != '-') return std::nullopt;
  result.day = ParseDay(rest.substr(1));
  return result.day ? std::optional(result) : std::nullopt;
}

std::vector<WtmpName> FindWtmpFamily(std::span<const std::string> names) {
  std::vector<WtmpName> family;
  for (const std::string& name : names) {
    if (auto parsed = ParseWtmpName(name)) family.push_back(std::move(*parsed));
  }
  std::ranges::sort(family, {}, NameOrder);
  const auto same = std::ranges::unique(family, {}, &WtmpName::stem);
  family.erase(same.begin(), same.end());
  return family;
}

std::optional<UnixTime> GaplessSince(std::vector<WtmpFile>& files) {
  const auto is_current = [](const WtmpFile& file) { return !file.name.number && !file.name.day; };
  std::ranges::sort(files, [&](const WtmpFile& a, const WtmpFile& b) {
    return std::tuple(!is_current(a), -a.sort_time, NameOrder(a.name)) <
           std::tuple(!is_current(b), -b.sort_time, NameOrder(b.name));
  });
  if (files.empty() || !is_current(files[0])) return std::nullopt;
  const std::int64_t shortest_step = ShortestStep(files);
  std::optional<UnixTime> since;
  const WtmpFile* oldest = nullptr;
  std::optional<std::uint32_t> number;
  std::optional<std::int64_t> day;
  for (const WtmpFile& file : files) {
    if (!file.usable) break;
    if (file.name.number) {
      if (number ? *file.name.number != *number + 1 : *file.name.number > 1) break;
      number = file.name.number;
    }
    if (file.name.day) {
      if (day && (*day - *file.name.day) * 10 > shortest_step * 16) break;
      day = file.name.day;
    }
    if (file.first_at && (!since || *file.first_at < *since)) since = file.first_at;
    oldest = &file;
    if (file.damaged) break;
  }
  if (since && !oldest->damaged && oldest->quiet_since && *oldest->quiet_since < *since) {
    since = oldest->quiet_since;
  }
  return since;
}

}  // namespace daicho::agent
