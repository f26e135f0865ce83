// The collector's log: lines on standard error, through spdlog.
//
// Each line has time, level and message, the id of the call it belongs to (request_id.h), and fields if it was written
// by LogWith(). Lines of one level beyond LogLimits in a minute are only counted, and the count is told in the next
// minute: whoever reaches a port can cause lines, and must not fill the disk with them.
//
// What is never logged: tokens, keys, rows, texts of queries, command lines. Thread-safe but for StartLog().
#pragma once

#include <spdlog/common.h>
#include <spdlog/spdlog.h>

#include <initializer_list>
#include <memory>
#include <string_view>

#include "collector/log/line.h"

namespace daicho::collector {

enum class LogFormat { kText, kJson };

struct LogSettings {
  LogFormat format = LogFormat::kText;
  spdlog::level::level_enum level = spdlog::level::info;  // debug, info, warn or err
};

struct LogLimits {
  int info_lines = 6'000;   // a minute; of debug as many
  int warning_lines = 600;  // of errors as many
};

// Whatever is logged from now on is written so. Call while nobody logs.
void StartLog(const LogSettings& settings);

// The same on another sink, for tests.
std::shared_ptr<spdlog::logger> MakeLog(const LogSettings& settings, spdlog::sink_ptr sink,
                                        const LogLimits& limits = {});

// Logs a message with fields beside it.
void LogWith(spdlog::level::level_enum level, std::string_view message, std::initializer_list<LogField> fields);

}  // namespace daicho::collector
