#include "collector/store/delta_check.h"

#include "common/delta.h"
#include "common/protocol.h"

namespace daicho::collector {

std::string FindFormFault(const v1::SectionDelta& delta) {
  if (delta.status() != v1::OK && delta.status() != v1::PARTIAL) {
    return "status " + std::to_string(delta.status()) + "; rows come with OK or PARTIAL only";
  }
  if (delta.result_digest().size() != kDigestBytes) {
    return "result_digest of " + std::to_string(delta.result_digest().size()) + " bytes; 32 are due";
  }
  if (!delta.base_digest().empty() && delta.base_digest().size() != kDigestBytes) {
    return "base_digest of " + std::to_string(delta.base_digest().size()) + " bytes; 32 or none are due";
  }
  if (static_cast<std::size_t>(delta.added_size()) > kMaxSectionRows ||
      static_cast<std::size_t>(delta.removed_size()) > kMaxSectionRows) {
    return "more than " + std::to_string(kMaxSectionRows) + " rows";
  }
  for (int i = 0; i < delta.added_size(); ++i) {
    if (delta.added(i).size() > kMaxRowBytes) {
      return "added[" + std::to_string(i) + "]: " + std::to_string(delta.added(i).size()) +
             " bytes; a row has at most " + std::to_string(kMaxRowBytes);
    }
  }
  if (delta.base_digest().empty() && delta.removed_size() > 0) return "rows are removed from no base";
  return {};
}

}  // namespace daicho::collector
