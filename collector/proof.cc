#include "collector/proof.h"

#include "collector/progress_line.h"

namespace daicho::collector {

Result<VerifyCounts> Prove(const Store& store) {
  ProgressLine progress;
  return store.Verify([&](std::uint64_t done, std::uint64_t of) {
    progress.Show("proved", done, of);
    return true;
  });
}

}  // namespace daicho::collector
