// A table as a file. Pure but for the tz database; thread-safe.
//
// csv: RFC 4180 with CRLF, UTF-8 with a byte order mark (a spreadsheet takes it for Shift_JIS otherwise), headers in
//      `language`, times as "2026-04-01 09:00:00" of `zone`. A text that a spreadsheet would run as a formula (it
//      begins with = + - @ tab or carriage return) gets a ' in front.
// json: one object a line (JSON lines), keys are the column ids, times RFC 3339 in UTC; an empty cell is left out.
#pragma once

#include <string>
#include <string_view>

#include "collector/reports/table.h"
#include "collector/rules/zone.h"
#include "common/error.h"

namespace daicho::collector {

// `format`: "csv" or "json". kInvalidArgument: another one.
Result<std::string> RenderTable(const Table& table, std::string_view format, Language language,
                                std::string_view zone = kDefaultZone);

std::string RenderCsv(const Table& table, Language language, std::string_view zone);
std::string RenderJsonLines(const Table& table);

// A success, or the error RenderTable would give for the format.
Status CheckFormat(std::string_view format);

// ".csv", ".jsonl"; empty for a format there is none of.
std::string_view FileExtension(std::string_view format);

}  // namespace daicho::collector
