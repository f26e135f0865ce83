#include "collector/reports/render.h"

namespace daicho::collector {

Status CheckFormat(std::string_view format) {
  if (!FileExtension(format).empty()) return {};
  return Fail(Code::kInvalidArgument, "no format '" + std::string(format) + "'; valid: csv, json");
}

std::string_view FileExtension(std::string_view format) {
  if (format == "csv") return ".csv";
  return format == "json" ? ".jsonl" : "";
}

Result<std::string> RenderTable(const Table& table, std::string_view format, Language language, std::string_view zone) {
  if (auto known = CheckFormat(format); !known) return std::unexpected(known.error());
  return format == "csv" ? RenderCsv(table, language, zone) : RenderJsonLines(table);
}

}  // namespace daicho::collector
