#include "tests/bench/fleet/fleet_state.h"

#include "common/files.h"
#include "common/text.h"

namespace daicho::fleet {

namespace {

constexpr std::size_t kMaxStateBytes = 512u << 20;

Fleet NewFleet(const FleetSpec& spec, const std::string& catalogue_digest) {
  Fleet fleet;
  fleet.set_seed(spec.seed);
  fleet.set_packages(spec.packages);
  fleet.set_catalogue_digest(catalogue_digest);
  return fleet;
}

}  // namespace

Result<Fleet> LoadFleet(const std::string& path, const FleetSpec& spec, const std::string& catalogue_digest,
                        std::uint32_t devices) {
  Fleet fleet = NewFleet(spec, catalogue_digest);
  const auto content = ReadFile(path, kMaxStateBytes);
  if (!content && content.error().code != Code::kNotFound) return std::unexpected(content.error());
  if (content) {
    if (!fleet.ParseFromString(*content)) return Fail(Code::kDataLoss, path + ": not a state file of daicho-fleet");
    if (fleet.seed() != spec.seed || fleet.packages() != spec.packages ||
        fleet.catalogue_digest() != catalogue_digest) {
      return Fail(Code::kFailedPrecondition,
                  path + ": this fleet was made with --seed " + std::to_string(fleet.seed()) + " --packages " +
                      std::to_string(fleet.packages()) +
                      (fleet.catalogue_digest() == catalogue_digest ? "" : " and another packages.txt") +
                      "; use the same, or new tokens and a new state file");
    }
  }
  while (fleet.devices_size() < static_cast<int>(devices)) fleet.add_devices();
  return fleet;
}

Status SaveFleet(const std::string& path, const Fleet& fleet) {
  return WriteFileAtomically(path, fleet.SerializeAsString(), 0600);
}

Result<std::vector<std::string>> LoadTokens(const std::string& path) {
  const auto content = ReadFile(path);
  if (!content) return std::unexpected(content.error());
  std::vector<std::string> tokens;
  std::string_view text = *content;
  for (std::string_view line; NextLine(text, line);) {
    if (!Trim(line).empty()) tokens.emplace_back(Trim(line));
  }
  return tokens;
}

}  // namespace daicho::fleet
