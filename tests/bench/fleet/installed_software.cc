#include "tests/bench/fleet/installed_software.h"

#include <algorithm>

#include "common/sections.h"
#include "tests/bench/fleet/random.h"

namespace daicho::fleet {

namespace {

constexpr std::uint32_t kVariants = 3;
constexpr UnixTime kDay = 86'400;
constexpr UnixTime kWeek = 7 * kDay;

// Keys of streams of random numbers.
enum Stream : std::uint64_t { kCommonOrder = 1, kOwnPackages, kVariantPlaces, kVariantVersion, kTimes };

std::string Tail(UnixTime installed_at) {
  v1::Software tail;
  tail.mutable_installed_at()->set_seconds(installed_at);
  return RowBytes(tail);
}

// When things came onto a machine: the system in one go, its own packages on eight days that followed.
class Times {
 public:
  Times(std::uint64_t seed, ImageId image) {
    Random random{seed, kTimes, image};
    system_ = kFleetEpoch - (150 + random.Below(700)) * kDay + random.Below(kDay);
    updates_ = kFleetEpoch + random.Below(kDay);
  }
  // dpkg takes about eight packages a second.
  UnixTime Common(std::uint32_t index) const { return system_ + index / 8; }
  UnixTime Own(std::uint32_t index) const { return system_ + (1 + index % 8) * 2 * kWeek + index / 8; }
  UnixTime Upgrade(std::uint32_t generation, std::uint32_t index) const {
    return updates_ + generation * kWeek + index / 8;
  }

 private:
  UnixTime system_ = 0;
  UnixTime updates_ = 0;
};

}  // namespace

ImageId ImageOf(std::uint32_t machine) { return machine % 10 < 3 ? kGoldenImage : machine + 1; }

InstalledSoftware::InstalledSoftware(const FleetSpec& spec) : spec_(spec) {
  common_ = static_cast<std::uint32_t>(std::uint64_t{spec.packages} * 7 / 10);
  const std::uint32_t step = std::max(spec.packages / 100, 1u);
  common_step_ = (step * 7 + 9) / 10;
  own_step_ = step - common_step_;
  common_place_.resize(common_);
  const auto order = Random{spec.seed, kCommonOrder}.Draw(common_, common_);
  for (std::uint32_t place = 0; place < common_; ++place) common_place_[order[place]] = place;
  items_.resize(common_ + own() * 7 / 2);
  for (std::uint32_t index = 0; index < items_.size(); ++index) {
    for (std::uint32_t variant = 0; variant <= kVariants; ++variant) {
      items_[index].push_back(RowBytes(catalogue_.Package(index, variant, 0)));
    }
  }
}

InstalledSoftware::Turns InstalledSoftware::TurnsOf(std::uint32_t place, std::uint32_t step, std::uint32_t places,
                                                    std::uint32_t generation) {
  const std::uint64_t taken = std::uint64_t{step} * generation;  // places, counted on round after round
  if (taken <= place) return {};
  const std::uint64_t rounds = (taken - 1 - place) / places;
  return {.upgrades = static_cast<std::uint32_t>(rounds + 1),
          .last_generation = static_cast<std::uint32_t>((place + rounds * places) / step + 1)};
}

std::vector<InstalledSoftware::Choice> InstalledSoftware::ChoicesOf(ImageId image) const {
  std::vector<Choice> choices(spec_.packages);
  for (std::uint32_t i = 0; i < common_; ++i) choices[i].package = i;
  const auto pool = static_cast<std::uint32_t>(items_.size()) - common_;
  const auto drawn = Random{spec_.seed, kOwnPackages, image}.Draw(own(), pool);
  for (std::uint32_t i = 0; i < own(); ++i) choices[common_ + i].package = common_ + drawn[i];
  Random versions{spec_.seed, kVariantVersion, image};
  for (const std::uint32_t place : Random{spec_.seed, kVariantPlaces, image}.Draw(variants(), spec_.packages)) {
    choices[place].variant = 1 + versions.Below(kVariants);
  }
  return choices;
}

Rows InstalledSoftware::RowsOf(ImageId image, std::uint32_t generation) const {
  const std::vector<Choice> choices = ChoicesOf(image);
  const Times times(spec_.seed, image);
  Rows rows(spec_.packages);
  for (std::uint32_t i = 0; i < spec_.packages; ++i) {
    const auto& [package, variant] = choices[i];
    const bool is_common = i < common_;
    const Turns turns = is_common ? TurnsOf(common_place_[i], common_step_, common_, generation)
                                  : TurnsOf(i - common_, own_step_, own(), generation);
    if (turns.upgrades > 0) {
      rows[i] =
          RowBytes(catalogue_.Package(package, 0, turns.upgrades)) + Tail(times.Upgrade(turns.last_generation, i));
    } else {
      rows[i] = items_[package][variant] + Tail(is_common ? times.Common(i) : times.Own(i - common_));
    }
  }
  OrderRows(rows);
  return rows;
}

}  // namespace daicho::fleet
