// A report as a pure table, apart from any rendering: the same table becomes CSV, JSON, a terminal, later a workbook.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

enum class Language { kJapanese, kEnglish };

// "ja" or "en". kInvalidArgument otherwise.
Result<Language> ParseLanguage(std::string_view text);

struct Column {
  std::string id;  // stable, snake_case: key in JSON
  std::string ja;  // header in Japanese
  std::string en;
};

struct Time {
  UnixTime at = 0;
};
// monostate: not known, or a person's to fill in. A renderer writes an empty cell.
using Cell = std::variant<std::monostate, std::string, std::int64_t, Time>;

struct Table {
  std::string title_ja;
  std::string title_en;
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;  // each as long as columns
};

}  // namespace daicho::collector
