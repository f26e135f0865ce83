#include "tests/bench/fleet/fleet_facts.h"

#include "common/sections.h"
#include "tests/bench/fleet/machine_facts.h"

namespace daicho::fleet {

std::shared_ptr<const Rows> FleetFacts::RowsOf(std::string_view section, std::uint32_t machine,
                                               std::uint32_t generation) const {
  if (section != kSoftware) return std::make_shared<const Rows>(MachineRows(spec_.seed, machine, section));
  const ImageId image = ImageOf(machine);
  if (image != kGoldenImage) return std::make_shared<const Rows>(software_.RowsOf(image, generation));
  const std::lock_guard lock(mutex_);
  std::shared_ptr<const Rows>& rows = golden_[generation];
  if (!rows) rows = std::make_shared<const Rows>(software_.RowsOf(image, generation));
  return rows;
}

std::vector<v1::SectionState> FleetFacts::StatesOf(std::uint32_t machine, std::uint32_t generation) const {
  std::vector<v1::SectionState> states;
  for (const SectionType& type : AllSections()) {
    const auto rows = RowsOf(type.name, machine, generation);
    v1::SectionState& state = states.emplace_back();
    state.set_name(std::string(type.name));
    state.set_status(v1::OK);
    state.set_digest(DigestRows(*rows));
    state.set_row_count(static_cast<std::uint32_t>(rows->size()));
  }
  return states;
}

v1::SectionDelta FleetFacts::SoftwareChange(std::uint32_t machine, std::uint32_t from, std::uint32_t to) const {
  v1::SectionDelta delta;
  delta.set_name(kSoftware);
  delta.set_status(v1::OK);
  MakeDelta(*RowsOf(kSoftware, machine, from), *RowsOf(kSoftware, machine, to), delta);
  return delta;
}

}  // namespace daicho::fleet
