#include "collector/verify_run.h"

#include <iostream>

#include "collector/config.h"
#include "collector/proof.h"
#include "collector/store/open_store.h"
#include "collector/store/postgres_store.h"

namespace daicho::collector {

namespace {

// "Not there" is the command line's fault here, not "nothing found" (exit code 1).
Error OfCommandLine(Error error) {
  if (error.code == Code::kNotFound) error.code = Code::kInvalidArgument;
  return error;
}

}  // namespace

Status VerifyState(const VerifyOptions& options) {
  const auto config = LoadConfig(options.state + "/collector.toml");
  if (!config) return std::unexpected(OfCommandLine(config.error()));
  auto store = OpenStoreToRead(config->store);
  if (!store && store.error().code == Code::kNotFound) store.error().code = Code::kDataLoss;  // it was there
  if (!store && store.error().code != Code::kDataLoss) return std::unexpected(store.error());
  const Result<VerifyCounts> proved = store ? Prove(**store) : std::unexpected(store.error());
  const bool is_verdict = proved || proved.error().code == Code::kDataLoss;
  if (options.json && is_verdict) std::cout << VerdictJson(proved) << "\n";
  if (!proved && is_verdict && store) {
    return Fail(Code::kDataLoss,
                proved.error().message + "; stop the collector and restore " +
                    (IsPostgresUrl(config->store)
                         ? "the database from a dump from before (operator's guide, 10)"
                         : "a backup from before: daicho-collector restore --state " + options.state + " FILE"));
  }
  if (!proved) return std::unexpected(proved.error());
  if (!options.json) std::cout << "The ledger is sound: " << ToText(*proved) << "\n";
  if (!std::cout.flush()) return Fail(Code::kResourceExhausted, "standard output takes nothing");
  return {};
}

}  // namespace daicho::collector
