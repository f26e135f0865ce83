// One connection to a database, whatever its engine: statements with values, rows that come back, and errors that
// stick. What the ledger does to its tables (device_writes, report, check_in, …) is written once, on this.
//
// Errors stick, as in a stream: after the first failure every further statement does nothing and returns no row, so
// that code which runs several statements checks once, at its end (ok(), status()). The error has the engine's words
// and the store's name. A sticky error of a transaction means: roll back.
//
// SQL is what SQLite 3.40 and PostgreSQL 15 both know, with parameters ?1, ?2, …; integers are 64-bit, truth values are
// integers 0 and 1 (a comparison may be read with Int()).
//
// Threads: one at a time. Ownership: a Query must not outlive its Connection.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/error.h"

namespace daicho::collector {

// Bytes, bound as BLOB; std::string_view is bound as TEXT.
struct Blob {
  std::string_view bytes;
};

// A value of a parameter. Views must hold until the call that takes them returns.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view, Blob>;

inline Value ToValue(std::nullptr_t) { return nullptr; }
inline Value ToValue(std::int64_t number) { return number; }
inline Value ToValue(bool truth) { return std::int64_t{truth}; }
inline Value ToValue(std::string_view text) { return text; }
inline Value ToValue(const std::string& text) { return std::string_view(text); }
inline Value ToValue(const char* text) { return std::string_view(text); }
inline Value ToValue(Blob blob) { return blob; }
template <typename T>
Value ToValue(const std::optional<T>& value) {
  return value ? ToValue(*value) : Value(nullptr);
}

// An engine's statement in use. Values of the current row by position from 0; views hold until the next Next(). NULL
// reads as 0 or empty.
class Cursor {
 public:
  Cursor() = default;
  virtual ~Cursor() = default;
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  virtual bool Next() = 0;
  virtual std::int64_t Int(int column) const = 0;
  virtual std::string_view Text(int column) const = 0;
  virtual std::string_view Bytes(int column) const = 0;
  virtual bool IsNull(int column) const = 0;
};

// A statement in use. No cursor: the connection had an error before.
class Query {
 public:
  explicit Query(std::unique_ptr<Cursor> cursor) : cursor_(std::move(cursor)) {}

  // Next row: false at the end and after an error.
  bool Next() { return cursor_ && cursor_->Next(); }

  std::int64_t Int(int column) const { return cursor_->Int(column); }
  std::string_view Text(int column) const { return cursor_->Text(column); }
  std::string_view Bytes(int column) const { return cursor_->Bytes(column); }
  bool IsNull(int column) const { return cursor_->IsNull(column); }
  std::optional<std::int64_t> OptionalInt(int column) const {
    return IsNull(column) ? std::nullopt : std::optional(Int(column));
  }
  std::optional<std::string> OptionalBytes(int column) const {
    return IsNull(column) ? std::nullopt : std::optional(std::string(Bytes(column)));
  }

 private:
  std::unique_ptr<Cursor> cursor_;
};

class Connection {
 public:
  virtual ~Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A statement that gives rows.
  template <typename... Values>
  Query Ask(std::string_view sql, const Values&... values) {
    const std::array<Value, sizeof...(Values)> given = {ToValue(values)...};
    return AskWith(sql, given);
  }
  // A statement that gives none; how many rows it changed.
  template <typename... Values>
  std::int64_t Do(std::string_view sql, const Values&... values) {
    const std::array<Value, sizeof...(Values)> given = {ToValue(values)...};
    return DoWith(sql, given);
  }
  // The same where nobody needs the number: an engine across a wire goes on without waiting, and its error may come
  // with a later statement, with Settle() at the latest.
  template <typename... Values>
  void Run(std::string_view sql, const Values&... values) {
    const std::array<Value, sizeof...(Values)> given = {ToValue(values)...};
    RunWith(sql, given);
  }
  virtual Query AskWith(std::string_view sql, std::span<const Value> values) = 0;
  virtual std::int64_t DoWith(std::string_view sql, std::span<const Value> values) = 0;
  virtual void RunWith(std::string_view sql, std::span<const Value> values) = 0;
  // Waits for what Run() began.
  virtual void Settle() {}

  // Several statements without parameters: schema scripts. Runs even after an error (ROLLBACK must).
  virtual Status Script(const std::string& sql) = 0;
  // Begins a transaction that reads: all its statements see the ledger of one moment. Ends with Rollback().
  virtual Status BeginRead() = 0;
  // Begins a transaction that will write.
  virtual Status Begin() = 0;
  virtual Status Commit() = 0;
  // Also after an error, which it leaves as it is.
  virtual void Rollback() = 0;
  // Commits if no statement had an error, and rolls back if one had, or if the commit fails. Clears the error, which is
  // the answer.
  Status CommitOrRollback();
  // The server went away or takes no writes any more: this connection is of no use. Asked between transactions it
  // knows also what no statement has met yet.
  virtual bool is_lost() const { return false; }

  // Put behind a SELECT of one table whose rows nobody else may change until the transaction ends.
  virtual std::string_view row_lock() const = 0;

  bool ok() const { return !error_; }
  Status status() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }
  // The error is of this one statement's data (a constraint, a value too big), not of the database as a whole.
  bool error_is_of_the_data() const { return error_ && error_is_of_the_data_; }
  void ClearError() { error_.reset(); }
  // Only the first error is kept: what follows it is its consequence.
  void Record(Error error, bool of_the_data) {
    if (error_) return;
    error_ = std::move(error);
    error_is_of_the_data_ = of_the_data;
  }

  // For messages: "store /var/lib/…/ledger.sqlite".
  const std::string& name() const { return name_; }

 protected:
  explicit Connection(std::string name) : name_(std::move(name)) {}

 private:
  const std::string name_;
  std::optional<Error> error_;
  bool error_is_of_the_data_ = false;
};

}  // namespace daicho::collector
