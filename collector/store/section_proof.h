// The part of a ledger's proof that is about one section of one device: its history without a gap, and the rows of each
// of its periods with the digest and the count that were reported. Threads: as the connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/item_reader.h"
#include "collector/store/proof_run.h"
#include "common/clock.h"

namespace daicho::collector {

// The device as one moment has it.
struct DeviceToProve {
  std::int64_t number = 0;
  std::string device_id;
  std::string hostname;
  bool has_reported = false;
  std::optional<UnixTime> revoked_at;
  std::optional<UnixTime> kept_since;  // of the ledger: what ended by then may be forgotten

  // All but who it was may be forgotten.
  bool is_gone() const { return revoked_at && kept_since && *revoked_at <= *kept_since; }
};

class SectionProof {
 public:
  // `run` must outlive this.
  explicit SectionProof(ProofRun& run) : run_(run), items_(run.connection()) {}

  // All sections of the device, in the transaction that it was read in. kDataLoss: the first place that is not right;
  // the engine's errors.
  Status Prove(const DeviceToProve& device);

  std::uint64_t sections() const { return sections_; }

 private:
  // Of section_state.
  struct State {
    std::optional<std::string> digest;
    std::int64_t row_count = 0;
    std::optional<UnixTime> begun_at;
  };
  struct Period {
    UnixTime from = 0;
    std::optional<UnixTime> to;
    std::int64_t row_count = 0;
    std::optional<std::string> digest;

    // A period that ended in the second in which it began held at no time.
    bool held() const { return !to || *to > from; }
  };
  struct Section {
    const DeviceToProve& device;
    std::string name;
    std::string place;
    std::optional<State> state;
    std::vector<Period> periods;
  };

  Status Read(Section& section) const;
  Status ProveOne(const Section& section);
  // Each period begins where the one before ends, from the first one to the one that holds.
  Status History(const Section& section) const;
  Status SoftwareHistory(const Section& section) const;
  Status Follow(const Section& section, const std::string& what, const std::vector<Period>& periods) const;
  // Rows held now, or at a moment, against what was reported of them.
  Status HeldRows(const Section& section, const std::string& place, std::optional<UnixTime> at,
                  const std::optional<std::string>& digest, std::int64_t count);
  // The columns that views and rules read are what the rows say.
  Status Shown(const Section& section) const;

  ProofRun& run_;
  ItemReader items_;
  std::uint64_t sections_ = 0;
};

}  // namespace daicho::collector
