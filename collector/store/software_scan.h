// Software on devices, read by decoding their sets in the collector: what SQL on the view `installation` answers too,
// at a hundredth of its cost, on any engine.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "collector/store/connection.h"
#include "collector/store/item_catalog.h"
#include "collector/store/store.h"

namespace daicho::collector {

// What scans share: items and sets never change, so what was read once need not be read again. Thread-safe.
class SoftwareCache {
 public:
  using Blob = std::shared_ptr<const std::string>;

  ItemCatalog& catalog() { return catalog_; }
  // The items of a set as they are stored (set_codec.h). kDataLoss: no such set; the engine's errors.
  Result<Blob> SetItems(Connection& connection, std::int64_t set);

  // Forgets everything (ItemCatalog::Clear).
  void Clear();

 private:
  ItemCatalog catalog_;
  std::mutex mutex_;
  std::unordered_map<std::int64_t, Blob> sets_;
  std::size_t bytes_ = 0;
};

// Store::ScanSoftware. `connection`: in a transaction that reads, so that the scan is of one moment.
Status ScanSoftware(Connection& connection, SoftwareCache& cache, const SoftwareScan& scan,
                    const InstallationSink& sink);

}  // namespace daicho::collector
