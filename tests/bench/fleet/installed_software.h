// The packages a machine has: a pure function of seed, machine and generation, so that a later run knows what an
// earlier one sent. Of N packages
//
//   70 %   are those that every machine has;
//   30 %   the machine has drawn from a pool of 3.5 times as many;
//   10 %   of all are in one of three variant versions.
//
// 30 % of the machines are copies of one golden image, with its times of installation. Each generation upgrades 1 % of
// the packages (at least one) in the same proportions: of those every machine has, the same ones everywhere, as on the
// day of an update; of its own, each machine in an order of its own.
//
// Immutable; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/delta.h"
#include "tests/bench/fleet/catalogue.h"

namespace daicho::fleet {

struct FleetSpec {
  std::uint64_t seed = 1;
  std::uint32_t packages = 2000;  // of each machine; kLeastPackages to kMostPackages
};
inline constexpr std::uint32_t kLeastPackages = 10;
inline constexpr std::uint32_t kMostPackages = 20'000;

// Times of facts stand around this one, so that they do not depend on when the generator runs. 2026-01-01.
inline constexpr UnixTime kFleetEpoch = 1'767'225'600;

// Whose packages: kGoldenImage, or a number of the machine's own. Machines with one image have equal rows.
using ImageId = std::uint32_t;
inline constexpr ImageId kGoldenImage = 0;
ImageId ImageOf(std::uint32_t machine);

class InstalledSoftware {
 public:
  explicit InstalledSoftware(const FleetSpec& spec);

  // Ordered rows of the section "software".
  Rows RowsOf(ImageId image, std::uint32_t generation) const;

  std::uint32_t common() const { return common_; }  // packages every machine has
  std::uint32_t own() const { return spec_.packages - common_; }
  std::uint32_t variants() const { return spec_.packages / 10; }       // in a variant version, before any upgrade
  std::uint32_t upgraded() const { return common_step_ + own_step_; }  // by each generation
  const Catalogue& catalogue() const { return catalogue_; }

 private:
  struct Choice {
    std::uint32_t package = 0;  // of the catalogue
    std::uint32_t variant = 0;
  };
  std::vector<Choice> ChoicesOf(ImageId image) const;  // those every machine has first

  // How often one place in an order of upgrades has had its turn.
  struct Turns {
    std::uint32_t upgrades = 0;
    std::uint32_t last_generation = 0;  // 0: none
  };
  static Turns TurnsOf(std::uint32_t place, std::uint32_t step, std::uint32_t places, std::uint32_t generation);

  const FleetSpec spec_;
  const Catalogue catalogue_;
  std::uint32_t common_ = 0;
  std::uint32_t common_step_ = 0;
  std::uint32_t own_step_ = 0;
  std::vector<std::uint32_t> common_place_;      // of each common package in the order of upgrades
  std::vector<std::vector<std::string>> items_;  // by index and variant: fields 1 to 15 of a row, serialized
};

}  // namespace daicho::fleet
