// RenderJsonLines(): RFC 8259 objects, one a line.
#include "common/json.h"

#include "collector/reports/render.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

void AppendCell(const Cell& cell, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    AppendJsonString(*text, out);
  } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    out += std::to_string(*number);
  } else if (const auto* time = std::get_if<Time>(&cell)) {
    AppendJsonString(FormatTime(time->at), out);
  }
}

}  // namespace

std::string RenderJsonLines(const Table& table) {
  std::string out;
  for (const auto& row : table.rows) {
    out += '{';
    bool first = true;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (std::holds_alternative<std::monostate>(row[i])) continue;
      if (!first) out += ',';
      first = false;
      AppendJsonString(table.columns[i].id, out);
      out += ':';
      AppendCell(row[i], out);
    }
    out += "}\n";
  }
  return out;
}

}  // namespace daicho::collector
