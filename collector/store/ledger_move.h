// A ledger from its SQLite file to PostgreSQL, with all that it ever was. Threads: one at a time, nobody else on
// either.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "collector/store/connection.h"
#include "common/error.h"

namespace daicho::collector {

// Called for each table now and then with the rows that are done and those that there are.
using MoveProgress = std::function<void(std::string_view table, std::int64_t done, std::int64_t of)>;

// One move: what it has made in the database goes away with it, unless it is kept. A move that was killed leaves its
// mark (kUnfinishedMove), and the next one begins anew; a ledger that somebody has opened to write has none any more,
// and stays.
class LedgerMove {
 public:
  // Claims the database (an advisory lock of this session) and makes an empty ledger in it. kFailedPrecondition:
  // another move is at work there, it has something in it, or OpenPostgresStore would refuse it; other errors as there.
  static Result<LedgerMove> Begin(const std::string& url);
  LedgerMove(LedgerMove&& other) noexcept;
  LedgerMove& operator=(LedgerMove&&) = delete;
  ~LedgerMove();

  // Copies every table of the file (of this build's schema), in one transaction; how many rows. kFailedPrecondition:
  // somebody has opened the new ledger meanwhile; other errors as OpenSqliteStore and OpenPostgresStore.
  Result<std::int64_t> Copy(const std::string& path, const MoveProgress& progress);

  // It is somebody's ledger from now on.
  Status Keep();

 private:
  explicit LedgerMove(std::unique_ptr<Connection> to);
  std::unique_ptr<Connection> to_;  // null: there is nothing of ours, or no longer
};

}  // namespace daicho::collector
