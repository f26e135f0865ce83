// One session with a PostgreSQL server, as every use of it here needs it: found by a URL, with errors in our form.
// Threads: one at a time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "common/error.h"

struct pg_conn;
struct pg_result;

namespace daicho::collector {

struct ClearPgResult {
  void operator()(pg_result* result) const;
};
using PgResult = std::unique_ptr<pg_result, ClearPgResult>;

class PostgresLink {
 public:
  // `url`: a connection URI of libpq ("postgresql://USER@HOST1:PORT1,HOST2:PORT2/DATABASE?OPTION=…"). Of several hosts
  // the one that takes writes is used, so that a failover needs no new configuration. kInvalidArgument: not a URI that
  // libpq reads; kUnavailable: no server answers, or none that takes writes; kPermissionDenied: the server refuses.
  static Result<PostgresLink> Open(const std::string& url);
  PostgresLink(PostgresLink&& other) noexcept;
  PostgresLink& operator=(PostgresLink&&) = delete;
  ~PostgresLink();

  // How long a server that was asked something may send nothing: then the session is given up. At first for ever.
  void set_patience(std::optional<std::chrono::milliseconds> patience) { patience_ = patience; }
  // The same for statements that the server ends by itself after `limit`: its word of that may take a while.
  void set_limit(std::chrono::milliseconds limit) { patience_ = limit + std::chrono::seconds(5); }

  // Runs statements without parameters. Not in pipeline mode.
  Status Script(const std::string& sql);

  // Sends what waits to be sent, and waits for the next result, as PQgetResult, whose null it answers also when the
  // session is given up.
  PgResult NextResult();

  // For a result of which no more is wanted: throws away what comes of it in a moment. If there is more, the session
  // is given up.
  void EndResult();

  // The session is of no use from now on, whatever libpq says of it.
  void GiveUp() { given_up_ = true; }

  // The error of a result, or (null) of the session. `of_the_data`: class 22 or 23 of SQLSTATE (PostgreSQL, appendix
  // A).
  Error ErrorOf(const pg_result* result, bool* of_the_data = nullptr) const;
  bool is_lost() const;
  // The server sent something while nothing was asked: mostly that it ends the session, or the end itself.
  bool has_unasked_words() const;

  // A WARNING that the server gave since this was last asked.
  std::optional<std::string> TakeWarning();

  pg_conn* handle() const { return handle_; }
  // "store postgresql://HOST:PORT/DATABASE", without user and password.
  const std::string& name() const { return name_; }

 private:
  struct Warnings;
  PostgresLink(pg_conn* handle, std::string name);
  // Until there is something to read, or room for what is `unsent`. False: patience has run out.
  bool Wait(bool unsent) const;

  pg_conn* handle_;
  std::string name_;
  std::unique_ptr<Warnings> warnings_;
  std::optional<std::chrono::milliseconds> patience_;
  bool ran_out_of_patience_ = false;
  bool given_up_ = false;
};

// For messages and logs: the URL without user and password. kInvalidArgument: libpq cannot read it.
Result<std::string> PostgresName(const std::string& url);

}  // namespace daicho::collector
