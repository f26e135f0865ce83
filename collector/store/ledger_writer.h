// Applies batches of writes to the tables, on any engine: the one transaction of Store::Commit, with a savepoint for
// each write. Threads: one at a time.
#pragma once

#include <span>

#include "collector/store/connection.h"
#include "collector/store/content_table.h"
#include "collector/store/dictionary.h"
#include "collector/store/section_writes.h"
#include "collector/store/store.h"

namespace daicho::collector {

class LedgerWriter {
 public:
  // Both must outlive this.
  LedgerWriter(Connection& connection, ContentTable& contents)
      : connection_(connection), dictionary_(connection, contents), sections_(connection, dictionary_, contents) {}

  // Store::Commit.
  Status Commit(std::span<StoreWrite> batch);

 private:
  void ApplyInSavepoint(StoreWrite& write);
  void JournalEffects(std::span<StoreWrite* const> writes);

  Connection& connection_;
  Dictionary dictionary_;
  SectionWriter sections_;
};

}  // namespace daicho::collector
