// How the ledger stands: devices, open findings, sweeps, scheduled exports. Thread-safe.
//
// The store is read by Refresh() alone, which whoever keeps the time calls now and then: a scrape costs no query.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "collector/metrics/exposition.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace daicho::collector {

class LedgerMetrics {
 public:
  // `exports`: names of the scheduled exports; the store may know others, of former configurations.
  explicit LedgerMetrics(std::vector<std::string> exports) : exports_(std::move(exports)) {}

  // Reads the store. After an error the former numbers stay.
  Status Refresh(const Store& store, UnixTime now);

  // All findings were judged, or could not be.
  void NoteSweep(bool ok, UnixTime at);
  // The whole ledger was found to be what was written, or not.
  void NoteProof(bool ok, UnixTime at);

  // daicho_devices, daicho_open_findings, daicho_ledger_refresh_timestamp_seconds, daicho_findings_sweep_ok,
  // daicho_findings_sweep_last_success_timestamp_seconds, daicho_ledger_proof_ok,
  // daicho_ledger_proof_last_success_timestamp_seconds, daicho_export_ok, daicho_export_last_success_timestamp_seconds.
  // What is not known has no sample.
  void WriteTo(Exposition& out) const;

 private:
  struct LastRun {
    void Note(bool good, UnixTime at);

    bool ran = false;
    bool ok = false;
    UnixTime succeeded_at = 0;  // 0: never
  };
  struct Numbers {
    UnixTime read_at = 0;  // 0: never
    std::map<std::string, std::uint64_t> devices;
    std::map<std::string, std::uint64_t> findings;
    std::map<std::string, LastRun> exports;
  };

  void WriteRuns(Exposition& out) const;
  void WriteExports(Exposition& out) const;

  const std::vector<std::string> exports_;
  mutable std::mutex mutex_;  // guards what follows
  Numbers numbers_;
  LastRun sweep_;
  LastRun proof_;
};

}  // namespace daicho::collector
