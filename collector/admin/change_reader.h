// What changed in the ledger between two moments, as messages of admin.proto. Thread-safe.
#pragma once

#include <string>

#include "collector/admin/device_reader.h"

namespace daicho::collector {

struct ChangeFilter {
  UnixTime since = 0;
  UnixTime until = 0;
  std::string device_id;  // empty: all, revoked ones included
};

// Rows are read of those sections alone whose digest is another one. kInvalidArgument: since is after until; others are
// the store's.
Status ReadChanges(const Store& store, const ChangeFilter& filter, const Sink<v1::Change>& sink);

}  // namespace daicho::collector
