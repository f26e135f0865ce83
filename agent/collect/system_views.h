// The two SystemViews of an agent: the machine it runs on, and none (another root).
#pragma once

#include "agent/sources/source.h"

namespace daicho::agent {

class LiveSystem final : public SystemView {
 public:
  // IPv4 and IPv6 by getifaddrs(3), sorted; alias labels ("eth0:1") under the interface's own name. kInternal: the
  // system gives none.
  Result<std::vector<InterfaceAddress>> Addresses() const override;
};

class NoSystem final : public SystemView {
 public:
  // Always kUnimplemented.
  Result<std::vector<InterfaceAddress>> Addresses() const override;
};

}  // namespace daicho::agent
