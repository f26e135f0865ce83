#include "collector/reports/table.h"

namespace daicho::collector {

namespace {

struct ToView {
  CellView operator()(const std::string& text) const { return std::string_view(text); }
  template <typename T>
  CellView operator()(const T& value) const {
    return value;
  }
};

struct ToOwn {
  Cell operator()(std::string_view text) const { return std::string(text); }
  template <typename T>
  Cell operator()(const T& value) const {
    return value;
  }
};

}  // namespace

Result<Language> ParseLanguage(std::string_view text) {
  if (text == "ja") return Language::kJapanese;
  if (text == "en") return Language::kEnglish;
  return Fail(Code::kInvalidArgument, "'" + std::string(text) + "' is no language of the reports; valid: ja, en");
}

bool AddCells(TableSink& sink, const std::vector<Cell>& row) {
  std::vector<CellView> views;
  views.reserve(row.size());
  for (const Cell& cell : row) views.push_back(std::visit(ToView(), cell));
  return sink.Add(views);
}

bool TableCollector::Add(std::span<const CellView> row) {
  std::vector<Cell>& own = table.rows.emplace_back();
  own.reserve(row.size());
  for (const CellView& cell : row) own.push_back(std::visit(ToOwn(), cell));
  return true;
}

}  // namespace daicho::collector
