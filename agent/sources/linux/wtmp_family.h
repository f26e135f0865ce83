// wtmp and its rotated files by name: which there are, and which of them follow each other without a gap. Names are
// those of logrotate(8): "wtmp", "wtmp.1", "wtmp.2.gz" (numbers), "wtmp-20260301", "wtmp-20260201.xz" (dateext). Other
// names
// ("wtmp.old") are not part of the family. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/sources/linux/decompress.h"
#include "common/clock.h"

namespace daicho::agent {

struct WtmpName {
  std::string name;
  Compression compression = Compression::kNone;
  std::optional<std::uint32_t> number;  // wtmp.N
  std::optional<std::int64_t> day;      // wtmp-YYYYMMDD, days since 1970-01-01
  std::string stem;                     // name without the end that compression gives it
};

std::optional<WtmpName> ParseWtmpName(std::string_view name);

// The family among the names of a folder: "wtmp" first, then numbers upwards, then dates downwards. Of a file that is
// there compressed and not (logrotate was interrupted) only the uncompressed one is taken.
std::vector<WtmpName> FindWtmpFamily(std::span<const std::string> names);

// What reading a file of the family told.
struct WtmpFile {
  WtmpName name;
  bool usable = false;                  // read to its end
  std::optional<UnixTime> first_at;     // its first record after the last damage
  std::optional<UnixTime> quiet_since;  // since when nothing but its records was recorded: birth of the file
  bool damaged = false;                 // something before first_at is lost: older files do not join on
  UnixTime sort_time = 0;               // newest record, otherwise date in the name or time of last change
};

// Since when the files reach back to now without a gap, conservatively; reorders `files`, newest first. "wtmp" itself
// must be there and usable. Numbers must go up one by one from 0 or 1. A step between two dates may be at most 1.6
// times the shortest one (months differ, a missing month doubles it). A file that is not usable ends the chain, as does
// damage in one. Only the oldest file's birth counts: one that is copied and emptied at each rotation is older than its
// records.
std::optional<UnixTime> GaplessSince(std::vector<WtmpFile>& files);

}  // namespace daicho::agent
