// MakeCsvRenderer(): RFC 4180.
#include <utility>

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

class CsvRenderer final : public Renderer {
 public:
  CsvRenderer(Language language, std::string_view zone, ByteSink out)
      : Renderer(std::move(out)), language_(language), zone_(zone) {}

  void Begin(const TableHead& head) override {
    text() += kByteOrderMark;
    bool first = true;
    for (const Column& column : head.columns) {
      if (!first) text() += ',';
      first = false;
      AppendField(language_ == Language::kJapanese ? column.ja : column.en, text());
    }
    text() += "\r\n";
  }

  bool Add(std::span<const CellView> row) override {
    std::string& out = text();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      AppendCell(row[i], out);
    }
    out += "\r\n";
    return EndRow();
  }

 private:
  void AppendCell(const CellView& cell, std::string& out) {
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
      AppendText(*text, out);
    } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      out += std::to_string(*number);
    } else if (const auto* time = std::get_if<Time>(&cell)) {
      out += FormatLocalDateTime(time->at, zone_);
    }
  }

  const Language language_;
  const std::string zone_;
};

}  // namespace

std::unique_ptr<Renderer> MakeCsvRenderer(Language language, std::string_view zone, ByteSink out) {
  return std::make_unique<CsvRenderer>(language, zone, std::move(out));
}

}  // namespace daicho::collector
