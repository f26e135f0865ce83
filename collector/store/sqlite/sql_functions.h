// SQL functions of the store, on every connection:
//   version_key(manager, version)   BLOB that sorts in the manager's own order (common/version_order.h)
//   software_field(item, 'field')   text field of an item of the dictionary (message Software); NULL if empty
//   least(a, b, …), greatest(a, b, …)   of integers, those that are NULL left out; PostgreSQL has the same
//   json_list(text)                 aggregate: JSON list of the texts, in the order of the rows; "string or blob too
//                                   big" past 1 MiB. SQLite's own json_group_array knows no bound, and may not stand
//                                   in a view of a schema that is not trusted.
#pragma once

#include "collector/store/sqlite/connection.h"

namespace daicho::collector {

Status RegisterSqlFunctions(SqliteConnection& connection);

}  // namespace daicho::collector
