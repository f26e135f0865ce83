// A report as a pure table, apart from any rendering: the same table becomes CSV, JSON, a terminal, later a workbook.
//
// It may have millions of rows, so it is not made as a whole: whoever makes it gives it to a sink row by row. A Table
// in memory is for what is small.
#pragma once

#include <cstdint>
#include <span>
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

struct TableHead {
  std::string title_ja;
  std::string title_en;
  std::vector<Column> columns;
};

struct Time {
  UnixTime at = 0;
};
// monostate: not known, or a person's to fill in. A renderer writes an empty cell.
using CellView = std::variant<std::monostate, std::string_view, std::int64_t, Time>;
// The same, with a text of its own.
using Cell = std::variant<std::monostate, std::string, std::int64_t, Time>;

// Takes a table as it is made. Threads: one at a time.
class TableSink {
 public:
  virtual ~TableSink() = default;
  // Once, before the rows. Valid during the call.
  virtual void Begin(const TableHead& head) = 0;
  // A row, as long as the head's columns; texts are valid during the call. false: no more rows are wanted (the sink
  // knows why), which is no error of whoever makes them.
  virtual bool Add(std::span<const CellView> row) = 0;
};

bool AddCells(TableSink& sink, const std::vector<Cell>& row);

struct Table : TableHead {
  std::vector<std::vector<Cell>> rows;  // each as long as columns
};

// Keeps all it is given.
class TableCollector final : public TableSink {
 public:
  void Begin(const TableHead& head) override { static_cast<TableHead&>(table) = head; }
  bool Add(std::span<const CellView> row) override;

  Table table;
};

}  // namespace daicho::collector
