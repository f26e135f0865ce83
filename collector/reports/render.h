// A table as a file, made row by row: renderers are sinks that hand on bytes. Pure but for the tz database; threads:
// one at a time.
//
// csv: RFC 4180 with CRLF, UTF-8 with a byte order mark (a spreadsheet takes it for Shift_JIS otherwise), headers in
//      `language`, times as "2026-04-01 09:00:00" of `zone`. A text that a spreadsheet would run as a formula (it
//      begins with = + - @ tab or carriage return) gets a ' in front.
// json: one object a line (JSON lines), keys are the column ids, times RFC 3339 in UTC; an empty cell is left out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/reports/report.h"
#include "collector/reports/table.h"
#include "collector/rules/zone.h"
#include "common/error.h"

namespace daicho::collector {

// How the bytes of a file are handed on: all pieces but the last have this size.
inline constexpr std::size_t kPieceBytes = 256u << 10;

// Takes the next piece, which is valid during the call. An error ends the table.
using ByteSink = std::function<Status(std::string_view piece)>;

class Renderer : public TableSink {
 public:
  // After the last row: hands on what is left. The error of `out`, if it had one.
  Status Finish();
  std::uint64_t rows() const { return rows_; }

 protected:
  explicit Renderer(ByteSink out);
  // Where a renderer writes to.
  std::string& text() { return text_; }
  // After each row; what TableSink::Add answers.
  bool EndRow();

 private:
  void HandOnWholePieces();

  const ByteSink out_;
  std::string text_;  // not handed on yet
  std::uint64_t rows_ = 0;
  Status status_;
};

std::unique_ptr<Renderer> MakeCsvRenderer(Language language, std::string_view zone, ByteSink out);
std::unique_ptr<Renderer> MakeJsonLinesRenderer(ByteSink out);

// `format`: "csv" or "json". kInvalidArgument: another one.
Result<std::unique_ptr<Renderer>> MakeRenderer(std::string_view format, Language language, std::string_view zone,
                                               ByteSink out);

// The report `what` as a file of `format`, in the context's language and zone, to `out`. Answers how many rows it has.
// Errors are those of BuildReport, MakeRenderer and `out`; what was handed on before an error is not a whole file.
Result<std::uint64_t> RenderReport(const ReportContext& context, std::string_view what, std::string_view format,
                                   ByteSink out);

// A success, or the error MakeRenderer would give for the format.
Status CheckFormat(std::string_view format);

// ".csv", ".jsonl"; empty for a format there is none of.
std::string_view FileExtension(std::string_view format);

}  // namespace daicho::collector
