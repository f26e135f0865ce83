#include <array>

#include "agent/sources/linux/linux_sources.h"
#include "agent/sources/source.h"

namespace daicho::agent {

std::span<const Source> AllSources() {
  static constexpr std::array<Source, 7> kSources = {{
      {"software", CollectDpkg},
      {"accounts", CollectAccounts},
      {"groups", CollectGroups},
      {"os", CollectOs},
      {"hardware", CollectHardware},
      {"network", CollectNetwork},
      {"listeners", CollectListeners},
  }};
  return kSources;
}

}  // namespace daicho::agent
