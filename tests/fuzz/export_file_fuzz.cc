// Whatever a device puts into a report: a reader of CSV gets every cell back, cleaned and with formulas disarmed, also
// where a cell is like the one above it, and every JSON line is an object.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "collector/reports/render.h"
#include "common/text.h"

namespace {

using daicho::Status;
using daicho::collector::Cell;
using daicho::collector::Language;
using daicho::collector::Table;
using Fields = std::vector<std::string>;

constexpr std::size_t kColumns = 3;

// Lines are rows, U+001F separates cells.
Table MakeTable(std::string_view text) {
  Table table;
  for (std::size_t i = 0; i < kColumns; ++i) table.columns.push_back({"c" + std::to_string(i), "c", "c"});
  std::string_view line;
  while (daicho::NextLine(text, line)) {
    std::vector<Cell>& row = table.rows.emplace_back();
    for (const std::string_view field : daicho::Split(line, '\x1f')) row.emplace_back(std::string(field));
    row.resize(kColumns);
  }
  return table;
}

std::string Render(const Table& table, std::string_view format) {
  std::string file;
  const auto renderer =
      daicho::collector::MakeRenderer(format, Language::kEnglish, "UTC", [&](std::string_view piece) -> Status {
        file += piece;
        return {};
      });
  (*renderer)->Begin(table);
  for (const auto& row : table.rows) {
    if (!AddCells(**renderer, row)) std::abort();
  }
  if (!(*renderer)->Finish()) std::abort();
  return file;
}

// A field of RFC 4180; what is behind it stays in `text`.
std::string TakeField(std::string_view& text) {
  std::string field;
  if (!text.starts_with('"')) {
    const auto end = std::min(text.find_first_of(",\r"), text.size());
    field = text.substr(0, end);
    text.remove_prefix(end);
    return field;
  }
  text.remove_prefix(1);
  while (!text.empty()) {
    const bool doubled = text.starts_with("\"\"");
    if (!doubled && text.starts_with('"')) break;
    field += text.front();
    text.remove_prefix(doubled ? 2 : 1);
  }
  if (text.empty()) std::abort();
  text.remove_prefix(1);
  return field;
}

Fields TakeRecord(std::string_view& text) {
  Fields fields = {TakeField(text)};
  while (text.starts_with(',')) {
    text.remove_prefix(1);
    fields.push_back(TakeField(text));
  }
  if (!text.starts_with("\r\n")) std::abort();
  text.remove_prefix(2);
  return fields;
}

std::string Expected(const Cell& cell) {
  const auto* text = std::get_if<std::string>(&cell);
  if (text == nullptr || text->empty()) return "";
  bool is_formula = std::string_view("=+-@\t\r").find((*text)[0]) != std::string_view::npos;
  for (const char* wide : {"＝", "＋", "－", "＠"}) is_formula = is_formula || text->starts_with(wide);
  return (is_formula ? "'" : "") + daicho::CleanText(*text);
}

void CheckCsv(const Table& table) {
  const std::string file = Render(table, "csv");
  std::string_view rest = file;
  if (!rest.starts_with("\xef\xbb\xbf")) std::abort();
  rest.remove_prefix(3);
  if (TakeRecord(rest) != Fields(kColumns, "c")) std::abort();
  for (const auto& row : table.rows) {
    Fields expected;
    for (const Cell& cell : row) expected.push_back(Expected(cell));
    if (TakeRecord(rest) != expected) std::abort();
  }
  if (!rest.empty()) std::abort();
}

void CheckJson(const Table& table) {
  const std::string file = Render(table, "json");
  std::string_view rest = file;
  std::string_view line;
  std::size_t lines = 0;
  for (; daicho::NextLine(rest, line); ++lines) {
    google::protobuf::Struct object;
    if (!google::protobuf::util::JsonStringToMessage({line.data(), line.size()}, &object).ok()) std::abort();
  }
  if (lines != table.rows.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Table table = MakeTable({reinterpret_cast<const char*>(data), size});
  CheckCsv(table);
  CheckJson(table);
  return 0;
}
