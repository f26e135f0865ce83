#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <optional>

#include "collector/ctl/commands.h"

namespace daicho::collector {

namespace {

struct QueryOptions {
  std::string sql;
  std::uint32_t limit_seconds = 0;  // 0: the collector's default
  std::uint32_t max_rows = 0;
};

constexpr std::uint32_t kDefaultMaxRows = 10'000;      // what 0 means to the collector (admin.proto)
constexpr std::uint32_t kDefaultSeconds = 5;           // likewise
constexpr double kExactIntegers = 9007199254740992.0;  // 2^53: beyond it a double does not tell neighbours apart

Cell NumberCell(double number) {
  if (number == std::trunc(number) && std::abs(number) <= kExactIntegers) return static_cast<std::int64_t>(number);
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, number);
  return std::string(text, result.ptr);
}

Cell ValueCell(const google::protobuf::Value& value, const Context& context) {
  switch (value.kind_case()) {
    case google::protobuf::Value::kNumberValue:
      return NumberCell(value.number_value());
    case google::protobuf::Value::kStringValue:
      return value.string_value();
    case google::protobuf::Value::kBoolValue:
      return context.Say(value.bool_value() ? Text::kYes : Text::kNo);
    default:
      return {};
  }
}

// One answer being printed: the columns come with the first message, so the table starts late.
class AnswerPrinter {
 public:
  explicit AnswerPrinter(Context& context) : context_(context) {}

  void Add(const v1::QueryRow& row) {
    columns_.insert(columns_.end(), row.columns().begin(), row.columns().end());
    if (row.json().empty()) return;
    ++rows_;
    if (context_.json()) {
      context_.PrintLine(row.json());
    } else if (bad_row_ == 0 && !AddCells(row.json())) {
      bad_row_ = rows_;
    }
  }

  // kDataLoss: a row was no JSON object.
  Status Finish() {
    if (table_) table_->Finish();
    if (bad_row_ == 0) return {};
    return Fail(Code::kDataLoss, context_.Say(Text::kErrQueryAnswer, {std::to_string(bad_row_)}));
  }

  std::size_t rows() const { return rows_; }

 private:
  bool AddCells(const std::string& json) {
    google::protobuf::Struct object;
    if (!google::protobuf::util::JsonStringToMessage(json, &object).ok()) return false;
    if (!table_) {
      std::vector<Column> columns;
      // The ids are not the column names: a column that happens to be called "id" may be cut like any other.
      for (const std::string& name : columns_) columns.push_back({"column", name, name});
      table_.emplace(context_, std::move(columns));
    }
    std::vector<Cell> cells;
    for (const std::string& name : columns_) {
      const auto found = object.fields().find(name);
      cells.push_back(found == object.fields().end() ? Cell() : ValueCell(found->second, context_));
    }
    table_->Add(std::move(cells));
    return true;
  }

  Context& context_;
  std::vector<std::string> columns_;
  std::optional<TablePrinter> table_;
  std::size_t rows_ = 0;
  std::size_t bad_row_ = 0;
};

// A limit that was reached is the collector's refusal, not a collector that is away (exit code 3): a monitor must not
// take the one for the other.
Error AboutLimits(const Context& context, const QueryOptions& options, std::size_t rows, const Error& error) {
  const std::uint32_t seconds = options.limit_seconds == 0 ? kDefaultSeconds : options.limit_seconds;
  const std::uint32_t most = options.max_rows == 0 ? kDefaultMaxRows : options.max_rows;
  if (error.code == Code::kDeadlineExceeded) {
    return {Code::kResourceExhausted, context.Say(Text::kErrQueryTime, {std::to_string(seconds)})};
  }
  if (error.code == Code::kResourceExhausted && rows >= most) {
    return {Code::kResourceExhausted, context.Say(Text::kErrQueryRows, {std::to_string(most)})};
  }
  return error;
}

ExitCode RunQuery(Context& context, const QueryOptions& options) {
  const auto session = context.Connect();
  if (!session) return context.Report(session.error());
  v1::QueryRequest request;
  request.set_sql(options.sql);
  request.set_limit_ms(options.limit_seconds * 1000);
  request.set_max_rows(options.max_rows);
  AnswerPrinter answer(context);
  const Status status = (*session)->Query(request, [&](const v1::QueryRow& row) { answer.Add(row); });
  const Status printed = answer.Finish();
  if (!status) return context.Report(AboutLimits(context, options, answer.rows(), status.error()));
  if (!printed) return context.Report(printed.error());
  if (!context.json()) {
    const std::string rows = std::to_string(answer.rows());
    context.PrintLine(answer.rows() == 0 ? context.Say(Text::kNoRows) : context.Say(Text::kSumRows, {rows}));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddQueryCommand(const CommandLine& line) {
  CLI::App* query =
      line.Add(line.app, "query", Text::kAboutQuery,
               "daicho query \"SELECT hostname, last_seen FROM device ORDER BY last_seen\" --json", Text::kExitQuery);
  const auto options = std::make_shared<QueryOptions>();
  query->add_option("sql", options->sql, line.Help(Text::kArgSql))->required();
  query->add_option("--limit", options->limit_seconds, line.Help(Text::kOptLimit))
      ->check(CLI::Range(1, 60))
      ->option_text("SECONDS");
  query->add_option("--max-rows", options->max_rows, line.Help(Text::kOptMaxRows))
      ->check(CLI::Range(1, 100'000'000))
      ->option_text("N");
  query->callback([options, &chosen = line.chosen] {
    chosen = [options](Context& context) { return RunQuery(context, *options); };
  });
}

}  // namespace daicho::collector
