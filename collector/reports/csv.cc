// RenderCsv(): RFC 4180.
#include "collector/reports/render.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

// What spreadsheets take for a formula (OWASP, "CSV Injection"). Full-width forms are taken for the same by some of
// them in Japanese editions.
bool LooksLikeFormula(std::string_view text) {
  if (text.empty()) return false;
  if (std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) return true;
  return text.starts_with("＝") || text.starts_with("＋") || text.starts_with("－") || text.starts_with("＠");
}

void AppendField(std::string_view text, std::string& out) {
  if (text.find_first_of("\",\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

// Text as a device sent it: made valid UTF-8, line breaks and other control characters made blanks.
void AppendText(std::string_view text, std::string& out) {
  const std::string guard = LooksLikeFormula(text) ? "'" : "";
  AppendField(guard + CleanText(text), out);
}

void AppendCell(const Cell& cell, std::string_view zone, std::string& out) {
  if (const auto* text = std::get_if<std::string>(&cell)) {
    AppendText(*text, out);
  } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
    out += std::to_string(*number);
  } else if (const auto* time = std::get_if<Time>(&cell)) {
    out += FormatLocalDateTime(time->at, zone);
  }
}

}  // namespace

std::string RenderCsv(const Table& table, Language language, std::string_view zone) {
  std::string out(kByteOrderMark);
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) out += ',';
    AppendField(language == Language::kJapanese ? table.columns[i].ja : table.columns[i].en, out);
  }
  out += "\r\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      AppendCell(row[i], zone, out);
    }
    out += "\r\n";
  }
  return out;
}

}  // namespace daicho::collector
