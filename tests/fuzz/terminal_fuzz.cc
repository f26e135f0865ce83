// Whatever a device puts into a table, no line is wider than the terminal and no control character comes out.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collector/reports/terminal.h"
#include "common/text.h"

namespace {

using daicho::collector::Cell;
using daicho::collector::Table;

Cell MakeCell(std::string_view field) {
  if (field.starts_with('#')) return static_cast<std::int64_t>(field.size() * 7919);
  if (field.starts_with('@')) return daicho::collector::Time{static_cast<daicho::UnixTime>(field.size()) << 40};
  if (field.empty()) return {};
  return std::string(field);
}

// Lines are rows, U+001F separates cells, the first line is the header.
Table MakeTable(std::string_view text) {
  Table table;
  std::string_view line;
  if (!daicho::NextLine(text, line)) return table;
  for (const std::string_view field : daicho::Split(line, '\x1f')) {
    table.columns.push_back({field.starts_with('i') ? "id" : "text", std::string(field), std::string(field)});
    if (table.columns.size() == 64) break;
  }
  while (daicho::NextLine(text, line)) {
    std::vector<Cell>& row = table.rows.emplace_back();
    for (const std::string_view field : daicho::Split(line, '\x1f')) row.push_back(MakeCell(field));
    row.resize(table.columns.size());
  }
  return table;
}

void Check(const std::string& shown, std::size_t width) {
  std::string_view rest = shown;
  std::string_view line;
  while (daicho::NextLine(rest, line)) {
    if (width > 0 && daicho::DisplayWidth(line) > width) std::abort();
    if (daicho::CleanText(line) != line) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t width = data[0];
  const Table table = MakeTable({reinterpret_cast<const char*>(data) + 1, size - 1});
  Check(daicho::collector::RenderTerminal(table, daicho::collector::Language::kEnglish, width), width);
  Check(daicho::collector::RenderTerminal(table, daicho::collector::Language::kJapanese, 0), 0);
  return 0;
}
