// One row of a SELECT, read by column name. Valid within the sink that it was made in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "collector/reports/table.h"
#include "collector/store/store.h"

namespace daicho::collector {

class SelectedRow {
 public:
  SelectedRow(std::span<const std::string> columns, std::span<const SqlValue> values)
      : columns_(columns), values_(values) {}

  // Empty: NULL, or no such column.
  std::string Text(std::string_view column) const;
  std::optional<std::int64_t> Number(std::string_view column) const;

  // Cells: NULL and empty texts become empty cells.
  Cell TextCell(std::string_view column) const;
  Cell TimeCell(std::string_view column) const;
  Cell ListCell(std::string_view column) const;  // JSON list of texts, joined by ", "

 private:
  const SqlValue* Find(std::string_view column) const;

  std::span<const std::string> columns_;
  std::span<const SqlValue> values_;
};

Cell ToCell(std::string text);

// Calls `sink` for each row of `sql`; one that answers false stops it.
template <typename Sink>
Status SelectRows(const Store& store, std::string sql, Sink sink) {
  SelectRequest request;
  request.sql = std::move(sql);
  return store.Select(request, [&sink](std::span<const std::string> columns, std::span<const SqlValue> values) {
    if constexpr (std::is_same_v<decltype(sink(SelectedRow(columns, values))), bool>) {
      return sink(SelectedRow(columns, values));
    } else {
      sink(SelectedRow(columns, values));
      return true;
    }
  });
}

}  // namespace daicho::collector
