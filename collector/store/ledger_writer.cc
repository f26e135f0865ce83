#include "collector/store/ledger_writer.h"

#include <algorithm>
#include <type_traits>

#include "collector/store/device_line.h"
#include "collector/store/device_writes.h"
#include "collector/store/effects.h"
#include "collector/store/finding_writes.h"
#include "collector/store/retention.h"

namespace daicho::collector {

namespace {

// Where several collectors write one ledger, each holds the rows it changes until it commits. All take them in the same
// order, so that none waits for one that waits for it: the lease, devices by their id, then what has no device, then
// the journal.
std::pair<int, std::string_view> LockOrder(const StoreWrite& any) {
  return std::visit(
      [](const auto& write) -> std::pair<int, std::string_view> {
        using Write = std::decay_t<decltype(write)>;
        if constexpr (std::is_same_v<Write, LeaseWrite>) return {-1, {}};
        if constexpr (std::is_same_v<Write, JournalWrite>) return {2, {}};
        if constexpr (requires { write.device_id; }) return {0, write.device_id};
        return {1, {}};
      },
      any);
}

}  // namespace

void LedgerWriter::ApplyInSavepoint(StoreWrite& any) {
  const std::size_t mark = dictionary_.Mark();
  connection_.Run("SAVEPOINT one_write");
  const bool good = std::visit(
      [&](auto& write) {
        using Write = std::decay_t<decltype(write)>;
        if constexpr (std::is_same_v<Write, CheckInWrite> || std::is_same_v<Write, ReportWrite>) {
          sections_.Apply(write);
        } else {
          Apply(connection_, write);
        }
        connection_.Settle();
        if (connection_.error_is_of_the_data()) {
          write.result = std::unexpected(connection_.status().error());
          connection_.ClearError();
        }
        return write.result.has_value();
      },
      any);
  if (!good && connection_.ok()) {
    connection_.Run("ROLLBACK TO one_write");
    dictionary_.Forget(mark);
  }
  connection_.Run("RELEASE one_write");
}

// Last, since it takes the journal's head.
void LedgerWriter::JournalEffects(std::span<StoreWrite* const> writes) {
  for (const StoreWrite* write : writes) {
    for (JournalWrite& effect : EffectsOf(*write)) Apply(connection_, effect);
  }
}

Status LedgerWriter::Commit(std::span<StoreWrite> batch) {
  std::vector<StoreWrite*> ordered;
  for (StoreWrite& write : batch) ordered.push_back(&write);
  std::ranges::sort(ordered, {}, [](const StoreWrite* write) { return std::pair(LockOrder(*write), write); });
  if (const Status begun = connection_.Begin(); !begun) return begun;
  for (StoreWrite* write : ordered) {
    ApplyInSavepoint(*write);
    if (!connection_.ok()) break;
  }
  if (connection_.ok()) JournalEffects(ordered);
  const Status ended = connection_.CommitOrRollback();
  if (!ended) dictionary_.Forget(0);
  dictionary_.Trim();
  return ended;
}

}  // namespace daicho::collector
