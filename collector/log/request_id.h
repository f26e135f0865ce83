// The id of the call that this thread works on: it stands in each line that is logged meanwhile, and the caller is told
// it. gRPC's synchronous services do a whole call on one thread; who goes on with a call on another one takes the id
// along.
#pragma once

#include <string>
#include <utility>

namespace daicho::collector {

// 8 lower-case hex digits, random: told apart within a log, nothing that has to be secret.
std::string NewRequestId();

// Of this thread; empty: none.
void SetRequestId(std::string id);
const std::string& CurrentRequestId();

// This thread works on the call with the given id, until the object goes.
class RequestIdScope {
 public:
  explicit RequestIdScope(std::string id) { SetRequestId(std::move(id)); }
  ~RequestIdScope() { SetRequestId({}); }
  RequestIdScope(const RequestIdScope&) = delete;
  RequestIdScope& operator=(const RequestIdScope&) = delete;
};

}  // namespace daicho::collector
