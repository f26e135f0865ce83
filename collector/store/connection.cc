#include "collector/store/connection.h"

namespace daicho::collector {

Status Connection::CommitOrRollback() {
  Settle();
  Status ended = status();
  if (ended) ended = Commit();
  if (!ended) Rollback();
  ClearError();
  return ended;
}

}  // namespace daicho::collector
