#include "collector/store/postgres/select.h"

#include <libpq-fe.h>

#include <charconv>

#include "collector/store/postgres/connection.h"
#include "collector/store/postgres/schema.h"
#include "common/text.h"

namespace daicho::collector {

namespace {

using Clock = std::chrono::steady_clock;

// Type numbers of pg_type.dat; libpq-fe.h has none.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kFloat4 = 700;
constexpr Oid kFloat8 = 701;
constexpr Oid kNumeric = 1700;

constexpr std::size_t kMaxForeignValueBytes = 1 << 20;

constexpr std::chrono::seconds kOpenLimit(30);
// A SELECT without a limit may take long before its first row, but not for ever.
constexpr std::chrono::minutes kPatience(10);

struct ParameterTexts {
  std::vector<std::string> texts;
  std::vector<const char*> pointers;
  std::vector<Oid> types;

  explicit ParameterTexts(const std::vector<SqlValue>& values) {
    texts.reserve(values.size());
    for (const SqlValue& value : values) std::visit([this](const auto& given) { Add(given); }, value);
  }
  void Add(std::nullptr_t) {
    pointers.push_back(nullptr);
    types.push_back(0);
  }
  void Add(std::int64_t number) { Add(std::to_string(number), kInt8); }
  void Add(double number) {
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    Add(std::string(text, end), kFloat8);
  }
  // The server ends a text at a NUL.
  void Add(const std::string& text) { Add(text.substr(0, text.find('\0')), kText); }
  void Add(std::string text, Oid type) {
    pointers.push_back(texts.emplace_back(std::move(text)).c_str());
    types.push_back(type);
  }
};

std::string FromHex(std::string_view text) {
  std::string bytes;
  if (!text.starts_with("\\x")) return bytes;
  for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

SqlValue NumberFrom(std::string_view text) {
  if (const auto number = ParseInt64(text)) return *number;
  double real = 0;
  std::from_chars(text.data(), text.data() + text.size(), real);
  return real;
}

// Values come as texts, as the server prints them.
SqlValue ValueAt(const PGresult* row, int column) {
  if (PQgetisnull(row, 0, column) != 0) return nullptr;
  const std::string_view text(PQgetvalue(row, 0, column), static_cast<std::size_t>(PQgetlength(row, 0, column)));
  switch (PQftype(row, column)) {
    case kBool:
      return std::int64_t{text == "t"};
    case kInt2:
    case kInt4:
    case kInt8:
    case kNumeric:
      return NumberFrom(text);
    case kFloat4:
    case kFloat8: {
      double real = 0;
      std::from_chars(text.data(), text.data() + text.size(), real);
      return real;
    }
    case kBytea:
      return FromHex(text);
    default:
      return std::string(text);
  }
}

// Characters are counted by the server, bytes by us.
std::size_t ByteOffset(std::string_view text, std::size_t characters) {
  std::size_t offset = 0;
  while (characters > 0 && offset < text.size()) {
    offset += NextUtf8(text.substr(offset)).size;
    --characters;
  }
  return offset;
}

Result<ViewSqlNames> ReadNames(PostgresConnection& connection) {
  const auto relations = PostgresRelationNames(connection);
  if (!relations) return std::unexpected(relations.error());
  ViewSqlNames names;
  names.views.insert(relations->views.begin(), relations->views.end());
  names.others.insert(relations->others.begin(), relations->others.end());
  Query functions = connection.Ask("SELECT DISTINCT lower(proname::text) FROM pg_proc");
  while (functions.Next()) names.functions.emplace(functions.Text(0));
  if (!connection.ok()) return std::unexpected(connection.status().error());
  return names;
}

}  // namespace

Result<std::unique_ptr<PostgresReader>> PostgresReader::Open(const std::string& url) {
  const auto asking = PostgresConnection::Open(url, kViewsPath, kOpenLimit);
  if (!asking) return std::unexpected(asking.error());
  auto names = ReadNames(**asking);
  if (!names) return std::unexpected(names.error());
  auto link = PostgresLink::Open(url);
  if (!link) return std::unexpected(link.error());
  link->set_patience(kOpenLimit);
  const auto ready = link->Script(std::string(kViewsPath) + "SET default_transaction_read_only = on;");
  if (!ready) return std::unexpected(ready.error());
  return std::unique_ptr<PostgresReader>(new PostgresReader(std::move(*link), std::move(*names)));
}

Error PostgresReader::ErrorOf(const pg_result* result, const ViewSql& made, const SelectRequest& request) const {
  Error error = link_.ErrorOf(result);
  if (error.code == Code::kDeadlineExceeded) {
    return {error.code, "the SELECT took longer than " + std::to_string(request.limit_ms.value_or(0)) +
                            " ms; narrow it or raise the limit"};
  }
  const char* state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
  if (state && std::string_view(state) == "53200") {
    return {Code::kResourceExhausted, "the SELECT needs too much memory; narrow it, or ask for shorter values"};
  }
  // A write within a SELECT: read-only transaction, a view that cannot be written to, FOR UPDATE of one.
  if (state && (std::string_view(state) == "25006" || std::string_view(state) == "55000" ||
                std::string_view(state).starts_with("0A"))) {
    return {Code::kInvalidArgument, "only a SELECT on the documented views is allowed"};
  }
  if (error.code != Code::kInvalidArgument) return error;
  const char* words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char* position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
  const auto characters = position ? ParseInt64(position) : std::nullopt;
  const std::string place =
      characters
          ? SqlPlace(request.sql, made.OriginalOffset(ByteOffset(made.sql, static_cast<std::size_t>(*characters - 1))))
          : "";
  return {error.code, words + place};
}

Status PostgresReader::Send(const ViewSql& made, const std::string& limits) {
  if (auto begun = link_.Script("BEGIN READ ONLY; " + limits); !begun) return begun;
  const ParameterTexts parameters(made.values);
  const int sent = PQsendQueryParams(link_.handle(), made.sql.c_str(), static_cast<int>(made.values.size()),
                                     parameters.types.data(), parameters.pointers.data(), nullptr, nullptr, 0);
  if (sent == 0) return std::unexpected(link_.ErrorOf(nullptr));
  PQsetSingleRowMode(link_.handle());
  return {};
}

Status PostgresReader::Receive(const ViewSql& made, const SelectRequest& request,
                               std::optional<Clock::time_point> deadline, const RowSink& sink,
                               std::vector<std::string>* columns_out) {
  std::vector<std::string> columns;
  std::vector<SqlValue> values;
  std::int64_t rows = 0;
  while (const PgResult result = link_.NextResult()) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
      const Error error = ErrorOf(result.get(), made, request);
      while (link_.NextResult()) {
      }
      return std::unexpected(error);
    }
    if (columns.empty()) {
      for (int i = 0; i < PQnfields(result.get()); ++i) columns.emplace_back(PQfname(result.get(), i));
      values.resize(columns.size());
      if (columns_out) *columns_out = columns;
    }
    if (status == PGRES_TUPLES_OK) continue;
    if (request.max_rows && rows++ >= *request.max_rows) {
      link_.GiveUp();
      return Fail(Code::kResourceExhausted, "more than " + std::to_string(*request.max_rows) +
                                                " rows; the rest was left out: add a LIMIT or --max-rows");
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (request.foreign &&
          PQgetlength(result.get(), 0, static_cast<int>(i)) > static_cast<int>(kMaxForeignValueBytes)) {
        link_.GiveUp();
        return Fail(Code::kInvalidArgument, "string or blob too big");
      }
      values[i] = ValueAt(result.get(), static_cast<int>(i));
    }
    if (deadline && Clock::now() > *deadline) {
      link_.GiveUp();
      return Fail(Code::kDeadlineExceeded, "the SELECT took longer than " +
                                               std::to_string(request.limit_ms.value_or(0)) +
                                               " ms; narrow it or raise the limit");
    }
    if (!sink(columns, values)) {
      link_.EndResult();  // a new session costs more than the rows of most results
      return {};
    }
  }
  if (link_.is_lost()) return std::unexpected(link_.ErrorOf(nullptr));
  return {};
}

Status PostgresReader::Select(const SelectRequest& request, std::optional<Clock::time_point> deadline,
                              const RowSink& sink, std::vector<std::string>* columns_out) {
  const auto made = MakeViewSql(request.sql, request.parameters, names_, request.foreign);
  if (!made) return std::unexpected(made.error());
  std::string limits;
  link_.set_patience(kPatience);
  if (deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - Clock::now());
    const auto limit = std::max(left, std::chrono::milliseconds(1));
    limits = "SET LOCAL statement_timeout = " + std::to_string(limit.count());
    link_.set_limit(limit);
  }
  Status done = Send(*made, limits);
  if (done) done = Receive(*made, request, deadline, sink, columns_out);
  if (!link_.is_lost()) static_cast<void>(link_.Script("ROLLBACK"));
  return done;
}

}  // namespace daicho::collector
