#include "collector/enrol/identity.h"

#include <algorithm>
#include <array>
#include <utility>

namespace daicho::collector {

namespace {

constexpr std::string_view kDevicePrefix = "daicho://device/";
constexpr std::string_view kAdminPrefix = "daicho://admin/";
constexpr std::string_view kRoleKey = "?role=";
constexpr std::size_t kDeviceIdDigits = 32;
constexpr std::size_t kMaxAdminName = 64;

constexpr std::array<std::pair<std::string_view, Role>, 3> kRoles = {
    {{"viewer", Role::kViewer}, {"operator", Role::kOperator}, {"admin", Role::kAdmin}}};

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool IsHexDigit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

Result<Role> ParseRole(std::string_view text) {
  for (const auto& [name, role] : kRoles) {
    if (name == text) return role;
  }
  return Fail(Code::kInvalidArgument, "no such role: take viewer, operator or admin");
}

std::string_view RoleName(Role role) {
  for (const auto& [name, known] : kRoles) {
    if (known == role) return name;
  }
  return "viewer";
}

bool IsDeviceId(std::string_view text) {
  return text.size() == kDeviceIdDigits && std::ranges::all_of(text, IsHexDigit);
}

bool IsAdminName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxAdminName && std::ranges::all_of(text, IsNameCharacter);
}

Result<Identity> ParseIdentity(std::string_view uri) {
  if (uri.starts_with(kDevicePrefix)) {
    const std::string_view id = uri.substr(kDevicePrefix.size());
    if (IsDeviceId(id)) return DeviceIdentity{std::string(id)};
  } else if (uri.starts_with(kAdminPrefix)) {
    const std::string_view rest = uri.substr(kAdminPrefix.size());
    const std::size_t end = rest.find(kRoleKey);
    if (end != std::string_view::npos && IsAdminName(rest.substr(0, end))) {
      const auto role = ParseRole(rest.substr(end + kRoleKey.size()));
      if (role) return AdminIdentity{.name = std::string(rest.substr(0, end)), .role = *role};
    }
  }
  return Fail(Code::kInvalidArgument, "the certificate names neither a device nor an admin of Daicho");
}

std::string DeviceUri(std::string_view device_id) { return std::string(kDevicePrefix).append(device_id); }

std::string AdminUri(std::string_view name, Role role) {
  return std::string(kAdminPrefix).append(name).append(kRoleKey).append(RoleName(role));
}

}  // namespace daicho::collector
