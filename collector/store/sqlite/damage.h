// What SQLite itself finds wrong in a file: pages that are none, rows that do not fit their table, indexes that do not
// fit their rows. It says nothing about whether the rows are the right ones (verify.h). Threads: as the connection.
#pragma once

#include "collector/store/sqlite/connection.h"

namespace daicho::collector {

enum class DamageCheck {
  kQuick,     // PRAGMA quick_check: every page and row, about 0.3 s for 100 MB
  kComplete,  // PRAGMA integrity_check: indexes against their tables too
};

// kDataLoss: something is damaged; the message names the first place, a table where there is one.
Status FindDamage(SqliteConnection& connection, DamageCheck check);

}  // namespace daicho::collector
