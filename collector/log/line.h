// How one line of the log looks. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace daicho::collector {

// `name` is a word of ours (letters, digits, underscores); `value` any bytes.
struct LogField {
  std::string_view name;
  std::string_view value;
  bool number = false;  // the value is a number as JSON writes it
};

struct LogLine {
  UnixTime seconds = 0;
  int milliseconds = 0;
  std::string_view level;
  std::string_view message;
  std::string_view request_id;  // empty: none
  std::span<const LogField> fields;
};

// One line each, without its end. Bytes that are no text and control characters are replaced; a message is cut to 4,096
// bytes, a value to 1,024.
//
//   2026-11-23T05:18:14.042Z warn 3f2a91c0 call method=daicho.v1.Admin/Query code=NOT_FOUND error="no such device"
//   {"time":"2026-11-23T05:18:14.042Z","level":"warn","message":"call","request_id":"3f2a91c0","method":…}
std::string TextLine(const LogLine& line);
std::string JsonLine(const LogLine& line);

}  // namespace daicho::collector
