#include "collector/store/sqlite/select.h"

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <memory>

#include "collector/store/sqlite/set_table.h"

namespace daicho::collector {

namespace {

// Virtual machine steps between two looks at the clock: about 10 µs. In foreign SQL each step may make a value of the
// largest size, so it is looked at more often.
constexpr int kStepsPerLook = 1000;
constexpr int kForeignStepsPerLook = 100;
constexpr int kMaxValueBytes = 64 << 20;
constexpr int kMaxForeignValueBytes = 1 << 20;
// Of the whole engine; without foreign SQL it has its page caches alone, some 50 MiB.
constexpr sqlite3_int64 kMaxEngineBytes = 256 << 20;

// What watches a statement, and what it has seen.
struct Watched {
  const SqlNames* views;
  bool foreign;
  std::optional<Deadline> deadline;
  bool is_late = false;
  bool is_too_big = false;
  std::string refused_function = {};
};

std::string_view OrEmpty(const char* text) { return text ? std::string_view(text) : std::string_view(); }

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

// Tables that hold no data of the ledger; everything else is readable through a view only.
bool IsHarmlessTable(std::string_view table) { return table == "json_each" || table == "json_tree"; }

// The engine's JSON aggregates grow past every limit on the size of a value; json_list does not (sql_functions.h).
int AuthorizeFunction(Watched& watched, const std::string& name) {
  const bool grows = name == "json_group_array" || name == "json_group_object";
  if (name != "load_extension" && !(watched.foreign && grows)) return SQLITE_OK;
  watched.refused_function = name;
  return SQLITE_DENY;
}

// sqlite3_set_authorizer: https://www.sqlite.org/c3ref/c_alter_table.html lists what the arguments are for each action.
int Authorize(void* context, int action, const char* first, const char* second, const char*, const char* reader) {
  if (IsSetTableReading()) return SQLITE_OK;
  Watched& watched = *static_cast<Watched*>(context);
  const SqlNames& views = *watched.views;
  if (action == SQLITE_SELECT || action == SQLITE_RECURSIVE) return SQLITE_OK;
  if (action == SQLITE_FUNCTION) return AuthorizeFunction(watched, Lower(OrEmpty(second)));
  if (action != SQLITE_READ) return SQLITE_DENY;
  const std::string table = Lower(OrEmpty(first));
  if (views.contains(Lower(OrEmpty(reader)))) return SQLITE_OK;
  if (views.contains(table) || IsHarmlessTable(table)) return SQLITE_OK;
  // A table of which no column is named (count(*), or its row number only) comes with an empty column, and without the
  // view when the engine has flattened it. Base tables named by the statement itself are refused before
  // (FindForbiddenName).
  const bool is_foreign = table.starts_with("sqlite_") || table.starts_with("pragma_");
  return OrEmpty(second).empty() && !is_foreign ? SQLITE_OK : SQLITE_DENY;
}

// sqlite3_progress_handler: not 0 ends the statement.
int IsOver(void* context) {
  Watched& watched = *static_cast<Watched*>(context);
  watched.is_late = watched.deadline && Deadline::clock::now() > *watched.deadline;
  watched.is_too_big = watched.foreign && sqlite3_memory_used() > kMaxEngineBytes;
  return watched.is_late || watched.is_too_big ? 1 : 0;
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, Finalize>;

Result<Prepared> PrepareSelect(SqliteConnection& connection, const std::string& sql, const Watched& watched) {
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  const int result = sqlite3_prepare_v2(connection.handle(), sql.c_str(), static_cast<int>(sql.size()), &raw, &tail);
  Prepared statement(raw);
  if (watched.refused_function.starts_with("json_group")) {
    return Fail(Code::kInvalidArgument,
                watched.refused_function + " is not allowed in a query; use json_list(value), which makes a JSON list");
  }
  if (result == SQLITE_AUTH) {
    return Fail(Code::kInvalidArgument, std::string("only a SELECT on the documented views is allowed: ") +
                                            sqlite3_errmsg(connection.handle()));
  }
  if (result != SQLITE_OK) {
    return Fail(Code::kInvalidArgument,
                std::string(sqlite3_errmsg(connection.handle())) +
                    SqlPlace(sql, static_cast<std::size_t>(sqlite3_error_offset(connection.handle()))));
  }
  if (!statement) return Fail(Code::kInvalidArgument, "there is no statement; write a SELECT on the documented views");
  sqlite3_stmt* more = nullptr;
  const int after = sqlite3_prepare_v2(connection.handle(), tail, -1, &more, nullptr);
  const Prepared second(more);
  if (after != SQLITE_OK || second) {
    return Fail(Code::kInvalidArgument, "only one statement is allowed; a second one begins" +
                                            SqlPlace(sql, static_cast<std::size_t>(tail - sql.c_str())));
  }
  if (sqlite3_stmt_isexplain(statement.get()) != 0 || sqlite3_stmt_readonly(statement.get()) == 0 ||
      sqlite3_column_count(statement.get()) == 0) {
    return Fail(Code::kInvalidArgument, "only a SELECT on the documented views is allowed");
  }
  return statement;
}

int BindValue(sqlite3_stmt* statement, int index, const SqlValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
  if (const auto* real = std::get_if<double>(&value)) return sqlite3_bind_double(statement, index, *real);
  if (const auto* text = std::get_if<std::string>(&value)) {
    return sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  return sqlite3_bind_null(statement, index);
}

// The statement borrows the parameters' texts.
Status BindParameters(sqlite3_stmt* statement, const std::map<std::string, SqlValue>& parameters) {
  for (int index = 1; index <= sqlite3_bind_parameter_count(statement); ++index) {
    const std::string_view name = OrEmpty(sqlite3_bind_parameter_name(statement, index));
    if (!name.starts_with(':')) return Fail(Code::kInvalidArgument, "parameters must have names: write :name");
    const auto value = parameters.find(std::string(name.substr(1)));
    if (value == parameters.end()) {
      return Fail(Code::kInvalidArgument, "parameter " + std::string(name) + " has no value");
    }
    if (BindValue(statement, index, value->second) != SQLITE_OK) {
      return Fail(Code::kInvalidArgument, "the value of parameter " + std::string(name) + " is too big");
    }
  }
  return {};
}

void ReadValue(sqlite3_stmt* statement, int column, SqlValue& value) {
  switch (sqlite3_column_type(statement, column)) {
    case SQLITE_INTEGER:
      value = std::int64_t{sqlite3_column_int64(statement, column)};
      return;
    case SQLITE_FLOAT:
      value = sqlite3_column_double(statement, column);
      return;
    case SQLITE_NULL:
      value = nullptr;
      return;
    default: {
      const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
      value = std::string(bytes ? bytes : "", static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
    }
  }
}

Status StepThrough(SqliteConnection& connection, sqlite3_stmt* statement, const SelectRequest& request,
                   const Watched& watched, std::span<const std::string> columns, const RowSink& sink) {
  std::vector<SqlValue> values(columns.size());
  std::int64_t rows = 0;
  int result = SQLITE_ROW;
  while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
    if (request.max_rows && rows++ >= *request.max_rows) {
      return Fail(Code::kResourceExhausted, "more than " + std::to_string(*request.max_rows) +
                                                " rows; the rest was left out: add a LIMIT or --max-rows");
    }
    for (std::size_t i = 0; i < values.size(); ++i) ReadValue(statement, static_cast<int>(i), values[i]);
    if (!sink(columns, values)) return {};
  }
  if (result == SQLITE_DONE) return {};
  const std::string words = sqlite3_errmsg(connection.handle());
  // Asked before the engine's code: an interrupted statement of the set table's own comes back as another error.
  if (watched.is_too_big) {
    return Fail(Code::kResourceExhausted, "the SELECT needs too much memory; narrow it, or ask for shorter values");
  }
  if (watched.is_late) {
    return Fail(Code::kDeadlineExceeded, "the SELECT took longer than " + std::to_string(request.limit_ms.value_or(0)) +
                                             " ms; narrow it or raise the limit");
  }
  // What an expression makes of its values ("malformed JSON", "string or blob too big") is the statement's fault.
  const int primary = result & 0xff;
  if (primary == SQLITE_ERROR || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH) {
    return Fail(Code::kInvalidArgument, words);
  }
  return std::unexpected(connection.ErrorOf(result, words));
}

// Sets what watches over foreign SQL, and takes it off again: the connection goes back to the pool.
class Watch {
 public:
  // `watched` must outlive this.
  Watch(SqliteConnection& connection, Watched& watched) : handle_(connection.handle()) {
    sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, watched.foreign ? kMaxForeignValueBytes : kMaxValueBytes);
    sqlite3_set_authorizer(handle_, Authorize, &watched);
    const int steps = watched.foreign ? kForeignStepsPerLook : kStepsPerLook;
    if (watched.foreign || watched.deadline) sqlite3_progress_handler(handle_, steps, IsOver, &watched);
  }
  ~Watch() {
    sqlite3_set_authorizer(handle_, nullptr, nullptr);
    sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  sqlite3* handle_;
};

}  // namespace

Status SelectOnViews(SqliteConnection& connection, const SqlNames& views, const SelectRequest& request,
                     std::optional<Deadline> deadline, const RowSink& sink, std::vector<std::string>* columns_out) {
  SqlNames own_tables = {kSetTableName};
  {
    Query tables = connection.Ask("SELECT lower(name) FROM sqlite_schema WHERE type = 'table'");
    while (tables.Next()) own_tables.emplace(tables.Text(0));
  }
  if (!connection.ok()) return connection.status();
  const auto tokens = CutSql(request.sql, SqlDialect::kSqlite);
  if (!tokens) return std::unexpected(tokens.error());
  if (const std::string fault = FindForbiddenName(*tokens, views, own_tables); !fault.empty()) {
    return Fail(Code::kInvalidArgument, fault);
  }
  Watched watched{&views, request.foreign, deadline};
  const Watch watch(connection, watched);
  const auto statement = PrepareSelect(connection, request.sql, watched);
  if (!statement) return std::unexpected(statement.error());
  if (const Status bound = BindParameters(statement->get(), request.parameters); !bound) return bound;
  std::vector<std::string> columns;
  for (int i = 0; i < sqlite3_column_count(statement->get()); ++i) {
    columns.emplace_back(OrEmpty(sqlite3_column_name(statement->get(), i)));
  }
  if (columns_out) *columns_out = columns;
  return StepThrough(connection, statement->get(), request, watched, columns, sink);
}

}  // namespace daicho::collector
