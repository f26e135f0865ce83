#include "collector/store/sqlite/connection.h"

#include <sqlite3.h>

#include <cstring>

namespace daicho::collector {

namespace {

Code CodeOf(int result) {
  switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
      return Code::kUnavailable;
    case SQLITE_FULL:
    case SQLITE_NOMEM:
      return Code::kResourceExhausted;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return Code::kPermissionDenied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::kDataLoss;
    default:
      return Code::kInternal;
  }
}

// Copies: the caller's text need not outlive the call. A text too big is refused here, not at the step.
int Bind(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    const char* data = text->data() ? text->data() : "";
    return sqlite3_bind_text64(statement, index, data, text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<Blob>(&value)) {
    const char* data = blob->bytes.data() ? blob->bytes.data() : "";
    return sqlite3_bind_blob64(statement, index, data, blob->bytes.size(), SQLITE_TRANSIENT);
  }
  return sqlite3_bind_null(statement, index);
}

}  // namespace

namespace {

// Of the system call that failed last, 0: none. The engine itself does not keep that of a failed COMMIT, whose file is
// the log; each file does.
int SystemError(sqlite3* handle) {
  if (handle == nullptr) return 0;
  int number = sqlite3_system_errno(handle);
  sqlite3_file* log = nullptr;
  sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
  if (number == 0 && log != nullptr && log->pMethods != nullptr) {
    log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
  }
  return number;
}

}  // namespace

Error SqliteConnection::ErrorOf(int result, const std::string& words) const {
  const int primary = result & 0xff;
  if (primary == SQLITE_BUSY) {
    return {CodeOf(result), name() + ": the ledger file is locked by another process (" + words + "); close it"};
  }
  if (CodeOf(result) == Code::kDataLoss) {
    return {CodeOf(result), name() + ": its file is damaged (" + words +
                                "); run daicho-collector verify, and restore it from a backup"};
  }
  // "disk I/O error" alone does not say what to mend.
  const bool is_of_the_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
  const int system = is_of_the_system ? SystemError(handle_) : 0;
  return {CodeOf(result), name() + ": " + words + (system != 0 ? std::string(": ") + std::strerror(system) : "")};
}

// Goes back to the connection's cache when it is destroyed.
class SqliteConnection::StatementCursor final : public Cursor {
 public:
  StatementCursor(SqliteConnection& connection, std::string sql, sqlite3_stmt* statement)
      : connection_(connection), sql_(std::move(sql)), statement_(statement) {}
  ~StatementCursor() override { connection_.GiveBack(std::move(sql_), statement_); }

  bool Next() override {
    if (!connection_.ok()) return false;
    const int result = sqlite3_step(statement_);
    if (result == SQLITE_ROW) return true;
    if (result != SQLITE_DONE) connection_.RecordResult(result);
    return false;
  }
  std::int64_t Int(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string_view Text(int column) const override {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return View(text, column);
  }
  std::string_view Bytes(int column) const override {
    return View(static_cast<const char*>(sqlite3_column_blob(statement_, column)), column);
  }
  bool IsNull(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

 private:
  std::string_view View(const char* data, int column) const {
    return data ? std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
                : std::string_view();
  }

  SqliteConnection& connection_;
  std::string sql_;
  sqlite3_stmt* statement_;
};

namespace {

// The path as a URI that says so (https://www.sqlite.org/uri.html).
std::string ImmutableUri(std::string_view path) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path, OpenMode mode) {
  std::unique_ptr<SqliteConnection> connection(new SqliteConnection(path));
  const int access = mode == OpenMode::kReadWrite ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const bool as_uri = mode == OpenMode::kImmutable;
  const int flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (as_uri ? SQLITE_OPEN_URI : 0);
  const std::string name = as_uri ? ImmutableUri(path) : path;
  const int result = sqlite3_open_v2(name.c_str(), &connection->handle_, flags, nullptr);
  if (result != SQLITE_OK) {
    const char* words = connection->handle_ ? sqlite3_errmsg(connection->handle_) : sqlite3_errstr(result);
    return std::unexpected(connection->ErrorOf(result, words));
  }
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Status SqliteConnection::Script(const std::string& sql) {
  char* words = nullptr;
  const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &words);
  const std::string message = words ? words : sqlite3_errstr(result);
  sqlite3_free(words);
  if (result != SQLITE_OK) return std::unexpected(ErrorOf(result, message));
  return {};
}

void SqliteConnection::RecordResult(int result) {
  const int primary = result & 0xff;
  Record(ErrorOf(result, sqlite3_errmsg(handle_)),
         primary == SQLITE_CONSTRAINT || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH);
}

std::unique_ptr<SqliteConnection::StatementCursor> SqliteConnection::Prepare(std::string_view sql,
                                                                             std::span<const Value> values) {
  if (!ok()) return nullptr;
  std::unique_ptr<StatementCursor> cursor;
  sqlite3_stmt* statement = nullptr;
  if (const auto found = idle_.find(sql); found != idle_.end()) {
    auto node = idle_.extract(found);
    statement = node.mapped();
    cursor = std::make_unique<StatementCursor>(*this, std::move(node.key()), statement);
  } else {
    const int result = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                          &statement, nullptr);
    if (result != SQLITE_OK) {
      RecordResult(result);
      return nullptr;
    }
    cursor = std::make_unique<StatementCursor>(*this, std::string(sql), statement);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (const int result = Bind(statement, static_cast<int>(i) + 1, values[i]); result != SQLITE_OK) {
      RecordResult(result);
    }
  }
  return cursor;
}

void SqliteConnection::GiveBack(std::string sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  // Somebody used the same SQL while this one was out.
  if (!idle_.emplace(std::move(sql), statement).second) sqlite3_finalize(statement);
}

Query SqliteConnection::AskWith(std::string_view sql, std::span<const Value> values) {
  return Query(Prepare(sql, values));
}

std::int64_t SqliteConnection::DoWith(std::string_view sql, std::span<const Value> values) {
  const auto cursor = Prepare(sql, values);
  if (cursor) cursor->Next();
  return cursor && ok() ? sqlite3_changes64(handle_) : 0;
}

}  // namespace daicho::collector
