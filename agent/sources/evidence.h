// Evidence of use that outlives the records it came from: log rotation between two cycles loses nothing. Pure.
#pragma once

#include <string>
#include <vector>

#include "common/clock.h"

namespace daicho::agent {

// Rows are serialized v1::Account, in any order. Into each of `rows` whose name and uid stood in `previous_rows`:
//   last_use        the previous one, if it is newer or there is none now; an account's last use never gets older;
//   evidence_since  the previous one, if it is earlier and the records seen now reach back to `previous_collected_at`
//   or
//                   beyond, so that both observations join without a gap; otherwise what is seen now stands.
// Rows that do not parse, or have no predecessor, stay as they are; a row that does not change keeps its bytes.
void MergeEvidence(const std::vector<std::string>& previous_rows, UnixTime previous_collected_at,
                   std::vector<std::string>& rows);

}  // namespace daicho::agent
