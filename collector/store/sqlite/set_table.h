// software_set_items(items, tails): a table-valued function that lists what the two blobs of set_codec.h hold.
//   software_id   item of the dictionary
//   installed_at  UTC seconds, or NULL if the tail does not tell
//   position      from 0
// A condition software_id = N is a search in the decoded set, and a set is decoded once for several such searches:
// "who has X below V" costs one decoding a distinct set.
#pragma once

#include "collector/store/sqlite/connection.h"

namespace daicho::collector {

inline constexpr const char* kSetTableName = "software_set_items";

Status RegisterSetTable(Connection& connection);

}  // namespace daicho::collector
