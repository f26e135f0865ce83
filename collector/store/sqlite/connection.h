// A Connection to an SQLite database, with its prepared statements kept for their next use.
#pragma once

#include <unordered_map>

#include "collector/store/connection.h"

struct sqlite3;
struct sqlite3_stmt;

namespace daicho::collector {

enum class OpenMode {
  kReadWrite,
  kReadOnly,
  kImmutable,  // read only, and nobody changes the file meanwhile: no lock is taken, and nothing is made beside it
};

class SqliteConnection final : public Connection {
 public:
  // kNotFound, kPermissionDenied, kDataLoss.
  static Result<std::unique_ptr<SqliteConnection>> Open(const std::string& path, OpenMode mode);
  ~SqliteConnection() override;

  Query AskWith(std::string_view sql, std::span<const Value> values) override;
  std::int64_t DoWith(std::string_view sql, std::span<const Value> values) override;
  void RunWith(std::string_view sql, std::span<const Value> values) override { DoWith(sql, values); }
  Status Script(const std::string& sql) override;
  Status BeginRead() override { return Script("BEGIN"); }
  Status Begin() override { return Script("BEGIN IMMEDIATE"); }
  Status Commit() override { return Script("COMMIT"); }
  // After some errors (disk full) the engine has rolled back by itself, and this only says so.
  void Rollback() override { static_cast<void>(Script("ROLLBACK")); }
  // There is one writer at a time.
  std::string_view row_lock() const override { return {}; }

  sqlite3* handle() const { return handle_; }
  const std::string& path() const { return path_; }

  // An Error for an sqlite3 result code (extended codes too) of this connection, with the engine's words, and the
  // system's where a call of it failed.
  Error ErrorOf(int result, const std::string& words) const;

 private:
  class StatementCursor;
  explicit SqliteConnection(const std::string& path) : Connection("store " + path), path_(path) {}
  std::unique_ptr<StatementCursor> Prepare(std::string_view sql, std::span<const Value> values);
  void GiveBack(std::string sql, sqlite3_stmt* statement);
  void RecordResult(int result);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  const std::string path_;
  sqlite3* handle_ = nullptr;
  std::unordered_map<std::string, sqlite3_stmt*, TextHash, std::equal_to<>> idle_;
};

}  // namespace daicho::collector
