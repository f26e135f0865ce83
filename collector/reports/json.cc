// MakeJsonLinesRenderer(): RFC 8259 objects, one a line.
#include "common/json.h"

#include <utility>
#include <vector>

#include "collector/reports/render.h"
#include "common/time_format.h"

namespace daicho::collector {

namespace {

class JsonLinesRenderer final : public Renderer {
 public:
  explicit JsonLinesRenderer(ByteSink out) : Renderer(std::move(out)) {}

  void Begin(const TableHead& head) override {
    for (const Column& column : head.columns) {
      std::string& name = names_.emplace_back();
      AppendJsonString(column.id, name);
      name += ':';
    }
  }

  bool Add(std::span<const CellView> row) override {
    std::string& out = text();
    out += '{';
    bool first = true;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (std::holds_alternative<std::monostate>(row[i])) continue;
      if (!first) out += ',';
      first = false;
      out += names_[i];
      AppendCell(row[i], out);
    }
    out += "}\n";
    return EndRow();
  }

 private:
  static void AppendCell(const CellView& cell, std::string& out) {
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
      AppendJsonString(*text, out);
    } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      out += std::to_string(*number);
    } else if (const auto* time = std::get_if<Time>(&cell)) {
      AppendJsonString(FormatTime(time->at), out);
    }
  }

  std::vector<std::string> names_;  // as keys, with the colon
};

}  // namespace

std::unique_ptr<Renderer> MakeJsonLinesRenderer(ByteSink out) {
  return std::make_unique<JsonLinesRenderer>(std::move(out));
}

}  // namespace daicho::collector
