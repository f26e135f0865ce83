#include "collector/reports/render.h"

#include <utility>

namespace daicho::collector {

Renderer::Renderer(ByteSink out) : out_(std::move(out)) {
  // Most rows that end past a piece end soon after it.
  text_.reserve(kPieceBytes + 4096);
}

bool Renderer::EndRow() {
  ++rows_;
  if (text_.size() >= kPieceBytes) HandOnWholePieces();
  return status_.has_value();
}

void Renderer::HandOnWholePieces() {
  std::string_view rest = text_;
  for (; status_ && rest.size() >= kPieceBytes; rest.remove_prefix(kPieceBytes)) {
    status_ = out_(rest.substr(0, kPieceBytes));
  }
  text_.erase(0, text_.size() - rest.size());
}

Status Renderer::Finish() {
  HandOnWholePieces();
  if (status_ && !text_.empty()) status_ = out_(text_);
  text_.clear();
  return status_;
}

Status CheckFormat(std::string_view format) {
  if (!FileExtension(format).empty()) return {};
  return Fail(Code::kInvalidArgument, "no format '" + std::string(format) + "'; valid: csv, json");
}

std::string_view FileExtension(std::string_view format) {
  if (format == "csv") return ".csv";
  return format == "json" ? ".jsonl" : "";
}

Result<std::unique_ptr<Renderer>> MakeRenderer(std::string_view format, Language language, std::string_view zone,
                                               ByteSink out) {
  if (auto known = CheckFormat(format); !known) return std::unexpected(known.error());
  if (format == "csv") return MakeCsvRenderer(language, zone, std::move(out));
  return MakeJsonLinesRenderer(std::move(out));
}

Result<std::uint64_t> RenderReport(const ReportContext& context, std::string_view what, std::string_view format,
                                   ByteSink out) {
  const auto renderer = MakeRenderer(format, context.language, context.zone, std::move(out));
  if (!renderer) return std::unexpected(renderer.error());
  if (auto built = BuildReport(context, what, **renderer); !built) return std::unexpected(built.error());
  if (auto finished = (*renderer)->Finish(); !finished) return std::unexpected(finished.error());
  return (*renderer)->rows();
}

}  // namespace daicho::collector
