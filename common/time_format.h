// Times as text. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/error.h"

namespace google::protobuf {
class Timestamp;
}

namespace daicho {

// RFC 3339 in UTC: "2026-11-23T05:18:14Z". Times outside of the years 0001 to 9999 print as the nearest one inside.
std::string FormatTime(UnixTime time);

// Accepts RFC 3339 with Z or a numeric offset, and a date alone (midnight UTC). kInvalidArgument otherwise.
Result<UnixTime> ParseTime(std::string_view text);

google::protobuf::Timestamp ToTimestamp(UnixTime time);
UnixTime FromTimestamp(const google::protobuf::Timestamp& time);

}  // namespace daicho
