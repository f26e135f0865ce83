// One connection to an SQLite database, its prepared statements, and statements in use.
//
// Errors stick, as in a stream: after the first failure every further statement does nothing and returns no row, so
// that code which runs several statements checks once, at its end (ok(), status()). The error has the engine's words
// and the path. A sticky error of a transaction means: roll back.
//
// Threads: one at a time. Ownership: a Query must not outlive its Connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace daicho::collector {

class Connection;

// Bytes, bound as BLOB; std::string_view is bound as TEXT.
struct Blob {
  std::string_view bytes;
};

// A prepared statement in use; goes back to the connection's cache when it is destroyed.
class Query {
 public:
  Query(Connection& connection, std::string sql, sqlite3_stmt* statement);
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  // Next row: false at the end and after an error.
  bool Next();

  // Values of the current row by position from 0. Views hold until the next Next(). NULL reads as 0 or empty.
  std::int64_t Int(int column) const;
  std::string_view Text(int column) const;
  std::string_view Bytes(int column) const;
  bool IsNull(int column) const;
  std::optional<std::int64_t> OptionalInt(int column) const;

  void Bind(int index, std::int64_t value);
  void Bind(int index, std::string_view text);
  void Bind(int index, const char* text) { Bind(index, std::string_view(text)); }
  void Bind(int index, Blob blob);
  void Bind(int index, std::nullptr_t);
  template <typename T>
  void Bind(int index, const std::optional<T>& value) {
    if (value) {
      Bind(index, *value);
    } else {
      Bind(index, nullptr);
    }
  }

 private:
  Connection* connection_;
  std::string sql_;
  sqlite3_stmt* statement_;
};

enum class OpenMode { kCreate, kReadWrite, kReadOnly };

class Connection {
 public:
  // kNotFound, kPermissionDenied, kDataLoss.
  static Result<std::unique_ptr<Connection>> Open(const std::string& path, OpenMode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A statement with its parameters ?1, ?2, … bound in order.
  template <typename... Values>
  Query Ask(std::string_view sql, const Values&... values) {
    Query query = Prepare(sql);
    int index = 0;
    (query.Bind(++index, values), ...);
    return query;
  }

  // Runs a statement that returns no row; number of rows it changed.
  template <typename... Values>
  std::int64_t Do(std::string_view sql, const Values&... values) {
    Query query = Ask(sql, values...);
    query.Next();
    return ok() ? Changes() : 0;
  }

  // Several statements, not cached: schema scripts, BEGIN, COMMIT. Runs even after an error (ROLLBACK must).
  Status Script(const std::string& sql);

  std::int64_t LastRowId() const;

  bool ok() const { return !error_; }
  Status status() const;
  // The error is of this one statement's data (a constraint, a value too big), not of the database as a whole.
  bool error_is_of_the_data() const { return error_ && error_is_of_the_data_; }
  void ClearError() { error_.reset(); }

  sqlite3* handle() const { return handle_; }
  const std::string& path() const { return path_; }

 private:
  friend class Query;
  explicit Connection(std::string path) : path_(std::move(path)) {}
  Query Prepare(std::string_view sql);
  void GiveBack(std::string sql, sqlite3_stmt* statement);
  void Record(int result);
  std::int64_t Changes() const;

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  std::string path_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> idle_;
  std::optional<Error> error_;
  bool error_is_of_the_data_ = false;
};

// An Error for an sqlite3 result code (extended codes too) with the given words.
Error SqliteError(int result, const std::string& path, const std::string& words);

}  // namespace daicho::collector
