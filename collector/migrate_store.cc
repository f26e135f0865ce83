#include "collector/migrate_store.h"

#include <iostream>
#include <memory>

#include "collector/config.h"
#include "collector/config_store.h"
#include "collector/progress_line.h"
#include "collector/proof.h"
#include "collector/state_lock.h"
#include "collector/store/ledger_move.h"
#include "collector/store/open_store.h"
#include "common/json.h"

namespace daicho::collector {

namespace {

Result<VerifyCounts> ProveLedger(const Result<std::unique_ptr<Store>>& store) {
  if (!store) return std::unexpected(store.error());
  return Prove(**store);
}

Result<std::int64_t> Copy(const std::string& from, LedgerMove& move) {
  ProgressLine progress;
  return move.Copy(from, [&](std::string_view table, std::int64_t done, std::int64_t of) {
    progress.Show(table, static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(of));
  });
}

Status ProveCopy(const std::string& url, const VerifyCounts& expected) {
  const auto proved = ProveLedger(OpenStoreToRead(url));
  if (!proved) return std::unexpected(proved.error());
  if (*proved == expected) return {};
  return Fail(Code::kDataLoss, WithoutPassword(url) + ": what arrived is not what the file has");
}

Status Check(const MigrateOptions& options, const CollectorConfig& config) {
  if (const Status good = CheckPostgresUrl(options.to); !good) {
    return Fail(good.error().code, "--to: " + good.error().message);
  }
  if (!IsPostgresUrl(config.store)) return {};
  return Fail(Code::kFailedPrecondition,
              options.state + "/collector.toml: the ledger is on PostgreSQL already; nothing was changed");
}

void Say(const MigrateOptions& options, const std::string& file, std::int64_t rows, const VerifyCounts& counts) {
  const std::string to = WithoutPassword(options.to);
  if (options.json) {
    std::string line = "{\"store\":";
    AppendJsonString(to, line);
    line += ",\"left\":";
    AppendJsonString(file, line);
    line += ",\"rows\":" + std::to_string(rows);
    AppendJsonMembers(counts, line);
    line += "}";
    std::cout << line << "\n";
    return;
  }
  std::cout << "moved   " << rows << " rows; proved " << ToText(counts) << "\n"
            << "ledger  " << to << "\n"
            << "before  " << file << " (untouched; nothing is written there any more)\n"
            << "next    daicho-collector run --state " << options.state << "\n";
}

}  // namespace

Status MigrateStore(const MigrateOptions& options) {
  const std::string file = options.state + "/collector.toml";
  const auto config = LoadConfig(file);
  if (!config) return std::unexpected(config.error());
  if (auto good = Check(options, *config); !good) return good;
  const auto lock = StateLock::Take(options.state);
  if (!lock) return std::unexpected(lock.error());
  // What the database has to say comes before a long proof.
  auto move = LedgerMove::Begin(options.to);
  if (!move) return std::unexpected(move.error());
  const auto before = ProveLedger(OpenStore(config->store));  // migrates its schema, which is what is copied
  if (!before) return std::unexpected(before.error());
  const auto rows = Copy(config->store, *move);
  if (!rows) return std::unexpected(rows.error());
  if (const Status proved = ProveCopy(options.to, *before); !proved) return proved;
  if (const Status kept = move->Keep(); !kept) return kept;
  if (const Status named = SetStoreOfConfig(file, options.to); !named) {
    // It may be named already: the copy stays.
    return Fail(named.error().code, named.error().message + "; the ledger is in " + WithoutPassword(options.to) +
                                        " and proved: write it into " + file + " as store, or drop that database");
  }
  std::cerr << PasswordWarning(options.to, file);
  Say(options, config->store, *rows, *before);
  return {};
}

}  // namespace daicho::collector
