// Who the other side is, as the URI in its certificate says (common/x509.h). Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "common/error.h"

namespace daicho::collector {

// Each may do what the one before may.
enum class Role { kViewer, kOperator, kAdmin };

// "viewer", "operator", "admin". kInvalidArgument otherwise; the message names the three.
Result<Role> ParseRole(std::string_view text);
std::string_view RoleName(Role role);

struct DeviceIdentity {
  std::string device_id;  // 32 lower-case hex digits
};
struct AdminIdentity {
  std::string name;  // 1 to 64 of A-Z a-z 0-9 . _ -
  Role role = Role::kViewer;
};
using Identity = std::variant<DeviceIdentity, AdminIdentity>;

// kInvalidArgument: neither of the two forms. There is no leniency: a name that could be read in two ways is refused.
Result<Identity> ParseIdentity(std::string_view uri);

std::string DeviceUri(std::string_view device_id);
std::string AdminUri(std::string_view name, Role role);

bool IsDeviceId(std::string_view text);
bool IsAdminName(std::string_view text);

}  // namespace daicho::collector
