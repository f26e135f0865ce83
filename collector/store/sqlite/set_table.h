// software_period_items(period): a table-valued function that lists the software of one software_period.
//   software_id   item of the dictionary
//   position      in the set, from 0
//   tail          fields from 16 on of the row, as the agent made them
//   installed_at  UTC seconds, or NULL if the tail does not tell
// A condition software_id = N is a search in the decoded set, and a set is decoded once for several such searches in a
// row; tails are read only if they are asked for. So "who has X below V" costs one decoding a device.
//
// The argument is the period's number and not its blobs because SQLite 3.40 plans a table-valued function with
// arguments of two tables only after every table it is joined with, which is the wrong order for a list of all
// installations.
#pragma once

#include "collector/store/sqlite/connection.h"

namespace daicho::collector {

inline constexpr const char* kSetTableName = "software_period_items";

Status RegisterSetTable(SqliteConnection& connection);

// True while this thread is in a statement of the function's own, which an authorizer of foreign SQL must let pass.
// (Not at its preparation only: setting an authorizer makes the engine prepare every statement again at its next step.)
bool IsSetTableReading();

}  // namespace daicho::collector
