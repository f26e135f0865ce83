// Everything the machines of a fleet say, by machine and generation. Thread-safe; rows of images that machines share
// are made once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "common/delta.h"
#include "daicho/v1/agent.pb.h"
#include "tests/bench/fleet/installed_software.h"

namespace daicho::fleet {

inline constexpr const char* kSoftware = "software";

class FleetFacts {
 public:
  explicit FleetFacts(const FleetSpec& spec) : spec_(spec), software_(spec) {}

  // Ordered rows of a section of common/sections.h. Only "software" depends on the generation.
  std::shared_ptr<const Rows> RowsOf(std::string_view section, std::uint32_t machine, std::uint32_t generation) const;

  // OK, with digest and count of rows, for every section.
  std::vector<v1::SectionState> StatesOf(std::uint32_t machine, std::uint32_t generation) const;

  // The change of "software" from one generation to another.
  v1::SectionDelta SoftwareChange(std::uint32_t machine, std::uint32_t from, std::uint32_t to) const;

  const FleetSpec& spec() const { return spec_; }
  const std::string& catalogue_digest() const { return software_.catalogue().digest(); }

 private:
  const FleetSpec spec_;
  const InstalledSoftware software_;
  mutable std::mutex mutex_;
  mutable std::map<std::uint32_t, std::shared_ptr<const Rows>> golden_;  // by generation
};

}  // namespace daicho::fleet
