// One row of a view, read by column name, and the JSON texts that views use for lists. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/store/store.h"

namespace daicho::collector {

// A view into what a RowSink was given; valid only during that call. A column that is not there, or NULL, is absent.
class Row {
 public:
  Row(std::span<const std::string> columns, std::span<const SqlValue> values) : columns_(columns), values_(values) {}

  std::string Text(std::string_view column) const;  // empty if absent; numbers as decimal
  std::optional<std::int64_t> Integer(std::string_view column) const;
  std::uint32_t Count(std::string_view column) const;  // 0 if absent or negative
  std::vector<std::string> List(std::string_view column) const;

 private:
  const SqlValue* Find(std::string_view column) const;

  std::span<const std::string> columns_;
  std::span<const SqlValue> values_;
};

// Strings of a JSON array; numbers and booleans as JSON writes them. Empty if `json` is no array.
std::vector<std::string> JsonStrings(std::string_view json);

// Appends the value as JSON: NULL is null.
void AppendJsonValue(const SqlValue& value, std::string& out);

}  // namespace daicho::collector
