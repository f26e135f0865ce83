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

// Until it is destroyed, nobody else moves a ledger into the database (an advisory lock of its session).
// kFailedPrecondition: somebody is about to. To be held from before MoveLedgerToPostgres to the end of the move, so
// that nobody but its maker clears a copy.
Result<std::unique_ptr<Connection>> ClaimDatabase(const std::string& url);

// Called for each table now and then with the rows that are done and those that there are.
using MoveProgress = std::function<void(std::string_view table, std::int64_t done, std::int64_t of)>;

// Copies every table of the file (of this build's schema) into the database, in one transaction; how many rows. What a
// failure leaves in the database is removed again, and so is the copy of an earlier move that did not come to its end
// (kUnfinishedMove). kFailedPrecondition: the database has something else in it; other errors as OpenSqliteStore and
// OpenPostgresStore.
Result<std::int64_t> MoveLedgerToPostgres(const std::string& path, const std::string& url,
                                          const MoveProgress& progress);

// From now on the copy is somebody's ledger; the first collector that opens it to write sees to that as well.
Status FinishMove(const std::string& url);

// Removes what MoveLedgerToPostgres made.
Status ClearMovedLedger(const std::string& url);

}  // namespace daicho::collector
