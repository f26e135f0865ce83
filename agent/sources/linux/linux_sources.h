// The sources of a Linux endpoint, each in the .cc file of its name. Contracts in source.h (Collect).
#pragma once

#include "agent/sources/source.h"

namespace daicho::agent {

v1::Section CollectDpkg(const SourceInput& input);       // software
v1::Section CollectAccounts(const SourceInput& input);   // accounts
v1::Section CollectGroups(const SourceInput& input);     // groups
v1::Section CollectOs(const SourceInput& input);         // os
v1::Section CollectHardware(const SourceInput& input);   // hardware
v1::Section CollectNetwork(const SourceInput& input);    // network
v1::Section CollectListeners(const SourceInput& input);  // listeners

}  // namespace daicho::agent
