#include "common/version_order.h"

#include "common/version_order_schemes.h"

namespace daicho {

namespace {

struct Scheme {
  std::string_view manager;
  std::string (*key)(std::string_view version);
};

constexpr Scheme kSchemes[] = {
    {"dpkg", version_order::DpkgKey},
    {"rpm", version_order::RpmKey},
    {"pacman", version_order::PacmanKey},
    {"apk", version_order::ApkKey},
};

}  // namespace

std::string VersionKey(std::string_view manager, std::string_view version) {
  for (const Scheme& scheme : kSchemes) {
    if (scheme.manager == manager) return scheme.key(version);
  }
  return version_order::GenericKey(version);
}

std::vector<std::string_view> VersionedManagers() {
  std::vector<std::string_view> managers;
  for (const Scheme& scheme : kSchemes) managers.push_back(scheme.manager);
  return managers;
}

}  // namespace daicho
