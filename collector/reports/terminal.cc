#include "collector/reports/terminal.h"

#include <algorithm>
#include <ctime>

#include "common/text.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

constexpr std::size_t kGap = 2;               // blanks between columns
constexpr std::size_t kShortestColumn = 8;    // a text column is not cut below this
constexpr std::size_t kShortestWrapped = 20;  // a wrapped column is not narrower than this
constexpr std::size_t kRecordRule = 40;       // length of the line between records
constexpr std::size_t kNoteIndent = 2;        // blanks before a note under a row

struct Field {
  std::string header;
  std::size_t natural = 0;  // width that shows everything
  std::size_t width = 0;    // width given
  bool numbers = false;     // right-aligned
  bool rigid = false;       // never cut
  bool kept = false;        // cut only when cutting the others is not enough
  bool wraps = false;
};

using Lines = std::vector<std::string>;

struct Grid {
  std::vector<Field> fields;
  std::vector<Lines> rows;  // cleaned text of each cell
};

std::string CellText(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return CleanText(*text);
  if (const auto* number = std::get_if<std::int64_t>(&cell)) return std::to_string(*number);
  if (const auto* time = std::get_if<Time>(&cell)) return FormatLocalTime(time->at);
  return "";
}

// What people copy or compare: half of it says nothing.
bool IsNeverCut(std::string_view id) { return id == "id" || id.ends_with("_id") || id == "version"; }

bool IsCutLast(std::string_view id) { return id == "os" || id == "last_use"; }

Field MakeField(const Table& table, std::size_t column, Language language) {
  const Column& source = table.columns[column];
  Field field;
  field.header = CleanText(language == Language::kJapanese ? source.ja : source.en);
  field.natural = std::max<std::size_t>(DisplayWidth(field.header), 1);
  bool texts = false;
  bool numbers = false;
  bool times = false;
  for (const auto& row : table.rows) {
    if (column >= row.size()) continue;
    texts = texts || std::holds_alternative<std::string>(row[column]);
    numbers = numbers || std::holds_alternative<std::int64_t>(row[column]);
    times = times || std::holds_alternative<Time>(row[column]);
  }
  field.numbers = numbers && !texts && !times;
  field.rigid = IsNeverCut(source.id) || (!texts && (numbers || times));
  field.kept = !field.rigid && IsCutLast(source.id);
  field.wraps = !field.rigid && column + 1 == table.columns.size();
  return field;
}

Grid MakeGrid(const Table& table, Language language) {
  Grid grid;
  for (std::size_t i = 0; i < table.columns.size(); ++i) grid.fields.push_back(MakeField(table, i, language));
  for (const auto& row : table.rows) {
    Lines& cells = grid.rows.emplace_back();
    for (std::size_t i = 0; i < grid.fields.size(); ++i) {
      cells.push_back(i < row.size() ? CellText(row[i]) : "");
      grid.fields[i].natural = std::max(grid.fields[i].natural, DisplayWidth(cells.back()));
    }
  }
  return grid;
}

std::size_t Shortest(const Field& field) {
  if (field.rigid || field.kept) return field.natural;
  return std::min(field.natural, field.wraps ? kShortestWrapped : kShortestColumn);
}

// Widths when no flexible column may exceed `cap`; the sum with gaps is returned.
std::size_t Cap(std::vector<Field>& fields, std::size_t cap) {
  std::size_t total = kGap * (fields.size() - 1);
  for (Field& field : fields) {
    field.width = std::max(Shortest(field), std::min(field.natural, cap));
    total += field.width;
  }
  return total;
}

// Gives each column its width; false: not even the shortest columns fit.
bool FitColumns(std::vector<Field>& fields, std::size_t width) {
  std::size_t widest = 0;
  for (const Field& field : fields) widest = std::max(widest, field.natural);
  if (width == 0 || Cap(fields, widest) <= width) {
    Cap(fields, widest);
    return true;
  }
  if (Cap(fields, 0) > width) {
    for (Field& field : fields) field.kept = false;
    if (Cap(fields, 0) > width) return false;
  }
  std::size_t fits = 0;
  std::size_t too_wide = widest;
  while (too_wide - fits > 1) {
    const std::size_t middle = fits + (too_wide - fits) / 2;
    (Cap(fields, middle) <= width ? fits : too_wide) = middle;
  }
  std::size_t spare = width - Cap(fields, fits);
  for (Field& field : fields) {
    if (spare > 0 && field.width < field.natural) {
      ++field.width;
      --spare;
    }
  }
  return true;
}

void AppendLine(std::string line, std::string& out) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line;
  out += '\n';
}

// `texts` side by side, each cut or wrapped to its column.
void AppendRow(const std::vector<Field>& fields, const Lines& texts, std::string& out) {
  std::string line;
  Lines wrapped;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string cell;
    if (fields[i].wraps && DisplayWidth(texts[i]) > fields[i].width) {
      wrapped = WrapToWidth(texts[i], fields[i].width);
      cell = wrapped.front();
    } else {
      cell = CutToWidth(texts[i], fields[i].width);
    }
    const std::string blanks(fields[i].width - DisplayWidth(cell), ' ');
    if (i > 0) line.append(kGap, ' ');
    line += fields[i].numbers ? blanks + cell : cell + blanks;
  }
  AppendLine(std::move(line), out);
  if (wrapped.empty()) return;
  std::size_t indent = 0;
  for (std::size_t i = 0; i + 1 < fields.size(); ++i) indent += fields[i].width + kGap;
  for (std::size_t i = 1; i < wrapped.size(); ++i) AppendLine(std::string(indent, ' ') + wrapped[i], out);
}

using Notes = std::vector<std::string>;

// The note that ends at row `index`: equal notes that follow one another are one.
void AppendNote(const Notes& notes, std::size_t index, std::size_t width, std::string& out) {
  if (index >= notes.size() || notes[index].empty()) return;
  if (index + 1 < notes.size() && notes[index + 1] == notes[index]) return;
  const std::string indent(width == 0 || width > kNoteIndent * 2 ? kNoteIndent : 0, ' ');
  const Lines lines = width == 0 ? Lines{CleanText(notes[index])} : WrapToWidth(notes[index], width - indent.size());
  for (const std::string& line : lines) AppendLine(indent + line, out);
}

void AppendColumns(const Grid& grid, const Notes& notes, std::size_t width, std::string& out) {
  const bool headed = std::ranges::any_of(grid.fields, [](const Field& field) { return !field.header.empty(); });
  if (headed) {
    Lines headers;
    Lines rules;
    for (const Field& field : grid.fields) {
      headers.push_back(CutToWidth(field.header, field.width));
      rules.emplace_back(field.width, '-');
    }
    AppendRow(grid.fields, headers, out);
    AppendRow(grid.fields, rules, out);
  }
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    AppendRow(grid.fields, grid.rows[r], out);
    AppendNote(notes, r, width, out);
  }
}

void AppendRecords(const Grid& grid, const Notes& notes, std::size_t width, std::string& out) {
  const std::size_t indent = width > 12 ? 2 : 0;
  for (std::size_t r = 0; r < grid.rows.size(); ++r) {
    if (r > 0) AppendLine(std::string(std::min(width, kRecordRule), '-'), out);
    for (std::size_t i = 0; i < grid.fields.size(); ++i) {
      const std::string& header = grid.fields[i].header;
      const Lines lines = WrapToWidth((header.empty() ? "" : header + ": ") + grid.rows[r][i], width - indent);
      for (std::size_t n = 0; n < lines.size(); ++n)
        AppendLine((n > 0 ? std::string(indent, ' ') : "") + lines[n], out);
    }
    AppendNote(notes, r, width, out);
  }
}

// Characters that a Japanese line must not begin with (JIS X 4051, the common ones).
bool ClosesText(char32_t code) {
  static constexpr std::u32string_view kClosing = U"、。，．：；？！）］｝」』】〕〉》・ー々";
  return kClosing.find(code) != std::u32string_view::npos;
}

// Bytes of the start of `text` that fit into `width` columns, ending where a line may end.
std::size_t LineEnd(std::string_view text, std::size_t width) {
  std::size_t columns = 0;
  std::size_t bytes = 0;
  std::size_t end = 0;
  bool may_break_behind = false;
  while (bytes < text.size()) {
    const Utf8Char next = NextUtf8(text.substr(bytes));
    const std::size_t wide = DisplayWidth(text.substr(bytes, next.size));
    const bool may_break = may_break_behind || wide == 2 || next.code == ' ';
    if (bytes > 0 && wide > 0 && may_break && !ClosesText(next.code)) end = bytes;
    if (columns + wide > width) return end > 0 ? end : bytes;
    columns += wide;
    bytes += next.size;
    if (wide > 0) may_break_behind = wide == 2 || next.code == ' ';
  }
  return bytes;
}

}  // namespace

std::string FormatLocalTime(UnixTime time) {
  const std::time_t seconds = time;
  std::tm parts{};
  char text[64];
  // A year that does not fit into tm is a device's nonsense; the number says more than a made-up date.
  if (::localtime_r(&seconds, &parts) == nullptr) return std::to_string(time);
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts));
}

std::string FormatLocalDate(UnixTime time) {
  const std::string local = FormatLocalTime(time);
  return local.substr(0, local.find(' '));
}

std::vector<std::string> WrapToWidth(std::string_view text, std::size_t width) {
  const std::string clean = CleanText(text);
  std::string_view rest = clean;
  Lines lines;
  while (!rest.empty()) {
    std::size_t end = LineEnd(rest, width);
    std::string line(Trim(rest.substr(0, end)));
    if (end == 0) {  // one character is wider than the line
      end = NextUtf8(rest).size;
      line = "…";
    }
    rest.remove_prefix(end);
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (!line.empty()) lines.push_back(std::move(line));
  }
  if (lines.empty()) lines.emplace_back();
  return lines;
}

std::string RenderTerminal(const Table& table, Language language, std::size_t width) {
  return RenderTerminal(table, language, width, {});
}

std::string RenderTerminal(const Table& table, Language language, std::size_t width, const Notes& notes) {
  std::string out;
  const std::string& title = language == Language::kJapanese ? table.title_ja : table.title_en;
  if (!title.empty() && width == 0) AppendLine(CleanText(title), out);
  if (!title.empty() && width > 0) {
    for (std::string& line : WrapToWidth(title, width)) AppendLine(std::move(line), out);
  }
  if (table.columns.empty()) return out;
  Grid grid = MakeGrid(table, language);
  if (FitColumns(grid.fields, width)) {
    AppendColumns(grid, notes, width, out);
  } else {
    AppendRecords(grid, notes, width, out);
  }
  return out;
}

}  // namespace daicho::collector
