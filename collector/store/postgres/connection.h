// A Connection to a PostgreSQL server, in libpq's pipeline mode: what Run() is given goes out without waiting for
// answers, and they are read with the next statement that has one, so that a report costs a few round trips and not one
// a row. Values go and come in binary; statements are prepared once a session.
#pragma once

#include <chrono>
#include <optional>
#include <unordered_map>
#include <vector>

#include "collector/store/connection.h"
#include "collector/store/postgres/link.h"

namespace daicho::collector {

class PostgresConnection final : public Connection {
 public:
  // As PostgresLink::Open. `setup` is run first (SET …). `limit`: the server ends a statement that takes longer, and
  // the session is given up if it does not even do that; absent: none.
  static Result<std::unique_ptr<PostgresConnection>> Open(const std::string& url, const std::string& setup,
                                                          std::optional<std::chrono::seconds> limit = {});

  Query AskWith(std::string_view sql, std::span<const Value> values) override;
  std::int64_t DoWith(std::string_view sql, std::span<const Value> values) override;
  void RunWith(std::string_view sql, std::span<const Value> values) override;
  void Settle() override;
  Status Script(const std::string& sql) override;
  Status BeginRead() override;
  Status Begin() override;
  // kUnavailable also if the server committed and then gave a warning: a wait for a synchronous standby was cut short,
  // so the commit may be lost with the server.
  Status Commit() override;
  void Rollback() override;
  std::string_view row_lock() const override { return " FOR NO KEY UPDATE"; }
  bool is_lost() const override;

 private:
  explicit PostgresConnection(PostgresLink link) : Connection(link.name()), link_(std::move(link)) {}
  // Puts a statement on its way; false: the connection is lost.
  bool Send(std::string_view sql, std::span<const Value> values);
  // Name of the prepared statement, on its way if it is new.
  const std::string& Prepare(std::string_view sql);
  // Waits for all answers; the last statement's. The first error sticks.
  PgResult Drain();
  void RecordLost();
  void RecordFailed(const pg_result* result);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };

  PostgresLink link_;
  std::size_t unanswered_ = 0;
  std::size_t names_ = 0;
  std::vector<std::string> unproven_;  // SQL whose preparation was not answered yet
  std::unordered_map<std::string, std::string, TextHash, std::equal_to<>> prepared_;  // SQL to name
};

// `sql` with its parameters ?1, ?2, … as $1, $2, …
std::string WithDollarParameters(std::string_view sql);

}  // namespace daicho::collector
