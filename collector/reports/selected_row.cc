#include "collector/reports/selected_row.h"

#include <algorithm>

#include "collector/rules/rule_text.h"

namespace daicho::collector {

const SqlValue* SelectedRow::Find(std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  return found == columns_.end() ? nullptr : &values_[static_cast<std::size_t>(found - columns_.begin())];
}

std::string SelectedRow::Text(std::string_view column) const {
  const SqlValue* value = Find(column);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string() : *text;
}

std::optional<std::int64_t> SelectedRow::Number(std::string_view column) const {
  const SqlValue* value = Find(column);
  const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

Cell ToCell(std::string text) {
  if (text.empty()) return std::monostate();
  return text;
}

Cell SelectedRow::TextCell(std::string_view column) const { return ToCell(Text(column)); }

Cell SelectedRow::TimeCell(std::string_view column) const {
  const auto number = Number(column);
  if (!number) return std::monostate();
  return Time{*number};
}

Cell SelectedRow::ListCell(std::string_view column) const { return ToCell(JoinList(Text(column))); }

}  // namespace daicho::collector
