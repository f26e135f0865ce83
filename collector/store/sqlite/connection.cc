#include "collector/store/sqlite/connection.h"

#include <sqlite3.h>

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

}  // namespace

Error SqliteError(int result, const std::string& path, const std::string& words) {
  if ((result & 0xff) == SQLITE_BUSY) {
    return {CodeOf(result),
            "store " + path + ": the ledger file is locked by another process (" + words + "); close it"};
  }
  return {CodeOf(result), "store " + path + ": " + words};
}

Result<std::unique_ptr<Connection>> Connection::Open(const std::string& path, OpenMode mode) {
  std::unique_ptr<Connection> connection(new Connection(path));
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  flags |= mode == OpenMode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == OpenMode::kCreate) flags |= SQLITE_OPEN_CREATE;
  const int result = sqlite3_open_v2(path.c_str(), &connection->handle_, flags, nullptr);
  if (result != SQLITE_OK) {
    const char* words = connection->handle_ ? sqlite3_errmsg(connection->handle_) : sqlite3_errstr(result);
    return std::unexpected(SqliteError(result, path, words));
  }
  return connection;
}

Connection::~Connection() {
  for (const auto& [sql, statement] : idle_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Status Connection::Script(const std::string& sql) {
  char* words = nullptr;
  const int result = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, &words);
  const std::string message = words ? words : sqlite3_errstr(result);
  sqlite3_free(words);
  if (result != SQLITE_OK) return std::unexpected(SqliteError(result, path_, message));
  return {};
}

std::int64_t Connection::LastRowId() const { return sqlite3_last_insert_rowid(handle_); }

std::int64_t Connection::Changes() const { return sqlite3_changes64(handle_); }

Status Connection::status() const {
  if (error_) return std::unexpected(*error_);
  return {};
}

void Connection::Record(int result) {
  if (error_) return;
  const int primary = result & 0xff;
  error_is_of_the_data_ = primary == SQLITE_CONSTRAINT || primary == SQLITE_TOOBIG || primary == SQLITE_MISMATCH;
  error_ = SqliteError(result, path_, sqlite3_errmsg(handle_));
}

Query Connection::Prepare(std::string_view sql) {
  if (!ok()) return {*this, {}, nullptr};
  if (const auto found = idle_.find(sql); found != idle_.end()) {
    auto node = idle_.extract(found);
    return {*this, std::move(node.key()), node.mapped()};
  }
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
  if (result != SQLITE_OK) Record(result);
  return {*this, std::string(sql), statement};
}

void Connection::GiveBack(std::string sql, sqlite3_stmt* statement) {
  sqlite3_reset(statement);
  sqlite3_clear_bindings(statement);
  // Somebody used the same SQL while this one was out.
  if (!idle_.emplace(std::move(sql), statement).second) sqlite3_finalize(statement);
}

Query::Query(Connection& connection, std::string sql, sqlite3_stmt* statement)
    : connection_(&connection), sql_(std::move(sql)), statement_(statement) {}

Query::Query(Query&& other) noexcept
    : connection_(other.connection_),
      sql_(std::move(other.sql_)),
      statement_(std::exchange(other.statement_, nullptr)) {}

Query::~Query() {
  if (statement_) connection_->GiveBack(std::move(sql_), statement_);
}

bool Query::Next() {
  if (!statement_ || !connection_->ok()) return false;
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) connection_->Record(result);
  return false;
}

std::int64_t Query::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::Text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text ? std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
              : std::string_view();
}

std::string_view Query::Bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes ? std::string_view(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)))
               : std::string_view();
}

bool Query::IsNull(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::optional<std::int64_t> Query::OptionalInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

void Query::Bind(int index, std::int64_t value) {
  if (statement_) sqlite3_bind_int64(statement_, index, value);
}

// Copies: the caller's text need not outlive the call. A text too big is refused here, not at the step.
void Query::Bind(int index, std::string_view text) {
  if (!statement_) return;
  const char* data = text.data() ? text.data() : "";
  const int result = sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  if (result != SQLITE_OK) connection_->Record(result);
}

void Query::Bind(int index, Blob blob) {
  if (!statement_) return;
  const char* data = blob.bytes.data() ? blob.bytes.data() : "";
  const int result = sqlite3_bind_blob64(statement_, index, data, blob.bytes.size(), SQLITE_TRANSIENT);
  if (result != SQLITE_OK) connection_->Record(result);
}

void Query::Bind(int index, std::nullptr_t) {
  if (statement_) sqlite3_bind_null(statement_, index);
}

}  // namespace daicho::collector
