// A table for people at a terminal.
//
// Cells come from devices, so nothing in them is trusted: control characters (ECMA-48, C0 and C1) and bytes that are
// not UTF-8 are replaced before anything is laid out; an escape sequence cannot reach the terminal.
// Widths are display columns: Japanese characters take two (common/text.h). Pure; thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "collector/reports/table.h"

namespace daicho::collector {

// Title (if any), header underlined with '-', one line a row; numbers to the right; not known cells blank; a header
// line is left out when all headers are empty. No line is wider than `width`; 0 means no terminal: nothing is cut.
// What does not fit is visible: the widest text columns are shortened first and end in "…", a text column at the end
// is wrapped instead, and when not even short columns fit, each row becomes lines of "header: value". Numbers, times
// and columns whose id is "id", "version" or ends in "_id" are never cut, because people copy and compare them; the
// columns "os" and "last_use" are cut only when cutting the others is not enough.
std::string RenderTerminal(const Table& table, Language language, std::size_t width);

// The same with a note under each row, indented by two; equal notes of rows that follow one another are printed once,
// under the last of them. Precondition: `notes` is empty or has a text for every row; an empty one is left out.
std::string RenderTerminal(const Table& table, Language language, std::size_t width,
                           const std::vector<std::string>& notes);

// `text` cleaned and broken into lines of at most `width` columns (>= 1): at blanks, beside Japanese characters, or
// within a word that is longer than a line. Empty text is one empty line.
std::vector<std::string> WrapToWidth(std::string_view text, std::size_t width);

// "2026-04-01 09:00" in the local time zone (TZ).
std::string FormatLocalTime(UnixTime time);

// "2026-04-01" there.
std::string FormatLocalDate(UnixTime time);

}  // namespace daicho::collector
