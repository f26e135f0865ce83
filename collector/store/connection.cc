#include "collector/store/connection.h"

namespace daicho::collector {

Status Connection::CommitOrRollback() {
  Settle();
  Status ended = status();
  if (ended) ended = Script("COMMIT");
  // After some errors (disk full) the engine has rolled back by itself, and this one only says so.
  if (!ended) static_cast<void>(Script("ROLLBACK"));
  ClearError();
  return ended;
}

}  // namespace daicho::collector
