// An identity that is accepted is written back as the very text it was read from: no two texts mean the
// same, so none can be read in two ways.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "collector/enrol/identity.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace daicho::collector;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto identity = ParseIdentity(text);
  if (!identity) return 0;
  if (const auto* device = std::get_if<DeviceIdentity>(&*identity)) {
    if (DeviceUri(device->device_id) != text) std::abort();
  } else {
    const auto& admin = std::get<AdminIdentity>(*identity);
    if (AdminUri(admin.name, admin.role) != text || !IsAdminName(admin.name)) std::abort();
  }
  return 0;
}
