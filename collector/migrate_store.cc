#include "collector/migrate_store.h"

#include <unistd.h>

#include <iostream>

#include "collector/backup/backup.h"
#include "collector/config.h"
#include "collector/config_store.h"
#include "collector/state_lock.h"
#include "collector/store/ledger_move.h"
#include "collector/store/open_store.h"
#include "common/json.h"

namespace daicho::collector {

namespace {

Result<VerifyCounts> Prove(const std::string& ledger) {
  const auto store = OpenStore(ledger);
  if (!store) return std::unexpected(store.error());
  return (*store)->Verify([](std::uint64_t, std::uint64_t) { return true; });
}

void Show(std::string_view table, std::int64_t done, std::int64_t of) {
  if (::isatty(STDERR_FILENO) == 0) return;
  std::cerr << "\r\033[K" << table << " " << done << "/" << of << std::flush;
  if (done == of) std::cerr << "\r\033[K" << std::flush;
}

bool AreEqual(const VerifyCounts& a, const VerifyCounts& b) {
  return a.devices == b.devices && a.sections == b.sections && a.items == b.items && a.sets == b.sets &&
         a.journal_entries == b.journal_entries;
}

Status ProveCopy(const std::string& url, const VerifyCounts& expected) {
  const auto proved = Prove(url);
  if (!proved) return std::unexpected(proved.error());
  if (AreEqual(*proved, expected)) return {};
  return Fail(Code::kDataLoss, WithoutPassword(url) + ": what arrived is not what the file has");
}

Status Check(const MigrateOptions& options, const CollectorConfig& config) {
  if (!IsPostgresUrl(options.to) || options.to.find_first_of("\"\\\r\n") != std::string::npos) {
    return Fail(Code::kInvalidArgument, "--to: a URL postgresql://USER@HOST:PORT/DATABASE is needed");
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
    line += ",\"rows\":" + std::to_string(rows) + ",\"devices\":" + std::to_string(counts.devices) +
            ",\"sections\":" + std::to_string(counts.sections) + ",\"items\":" + std::to_string(counts.items) +
            ",\"sets\":" + std::to_string(counts.sets) +
            ",\"journal_entries\":" + std::to_string(counts.journal_entries) + "}";
    std::cout << line << "\n";
    return;
  }
  std::cout << "moved   " << rows << " rows; proved " << counts.devices << " devices, " << counts.sections
            << " sections, " << counts.journal_entries << " journal entries\n"
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
  const auto before = Prove(config->store);
  if (!before) return std::unexpected(before.error());
  const auto rows = MoveLedgerToPostgres(config->store, options.to, Show);
  if (!rows) return std::unexpected(rows.error());
  Status done = ProveCopy(options.to, *before);
  if (done) done = SetStoreOfConfig(file, options.to);
  if (!done) {
    static_cast<void>(ClearMovedLedger(options.to));
    return done;
  }
  Say(options, config->store, *rows, *before);
  return {};
}

}  // namespace daicho::collector
