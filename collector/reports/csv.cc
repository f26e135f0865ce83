// MakeCsvRenderer(): RFC 4180.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

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
void AppendCleaned(std::string_view text, std::string& out) {
  const std::string guard = LooksLikeFormula(text) ? "'" : "";
  AppendField(guard + CleanText(text), out);
}

// ASCII that needs neither cleaning nor quotes.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != ',';
  return plain;
}();

bool IsPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return kPlain[static_cast<unsigned char>(c)]; });
}

class CsvRenderer final : public Renderer {
 public:
  CsvRenderer(Language language, std::string_view zone, ByteSink out)
      : Renderer(std::move(out)), language_(language), times_(zone) {}

  void Begin(const TableHead& head) override {
    text() += kByteOrderMark;
    bool first = true;
    for (const Column& column : head.columns) {
      if (!first) text() += ',';
      first = false;
      AppendField(language_ == Language::kJapanese ? column.ja : column.en, text());
    }
    text() += "\r\n";
    last_.resize(head.columns.size());
  }

  bool Add(std::span<const CellView> row) override {
    std::string& out = text();
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ',';
      AppendCell(row[i], last_[i], out);
    }
    out += "\r\n";
    return EndRow();
  }

 private:
  // A text that is not plain, and the field that it made.
  struct Made {
    std::string text;
    std::string field;
  };

  void AppendCell(const CellView& cell, Made& last, std::string& out) {
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
      AppendText(*text, last, out);
    } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      out += std::to_string(*number);
    } else if (const auto* time = std::get_if<Time>(&cell)) {
      times_.Append(time->at, out);
    }
  }

  // A million rows a second: nearly all texts are plain, and of the others most stand in the row before as well (the
  // device, the verdict).
  static void AppendText(std::string_view text, Made& last, std::string& out) {
    if (IsPlain(text)) {
      if (LooksLikeFormula(text)) out += '\'';
      out += text;
      return;
    }
    if (last.text != text) {
      last.text = text;
      last.field.clear();
      AppendCleaned(text, last.field);
    }
    out += last.field;
  }

  const Language language_;
  LocalTimes times_;
  std::vector<Made> last_;  // of each column
};

}  // namespace

std::unique_ptr<Renderer> MakeCsvRenderer(Language language, std::string_view zone, ByteSink out) {
  return std::make_unique<CsvRenderer>(language, zone, std::move(out));
}

}  // namespace daicho::collector
